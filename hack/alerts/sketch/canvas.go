// SPDX-License-Identifier: Apache-2.0

package sketch

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// style is of the whole sheet: h header, m muted, r row, t title, v value.
const style = `text{font:13px "Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif;fill:#1f2430}` +
	`.h{font-size:20px;font-weight:600}.m{fill:#6b7280}.r{font-size:16px;font-weight:600}.t{font-size:14px;font-weight:600}` +
	`.v{font-size:30px;font-weight:600}.th{font-weight:600;fill:#4b5563}.end{text-anchor:end}.mid{text-anchor:middle}` +
	`.page{fill:#f3f4f7}.card{fill:#fff;stroke:#dde1e7}.grid{stroke:#e8ebf0}.zebra{fill:#f7f8fa}.track{fill:#eef0f4}`

// canvas is SVG that grows.
type canvas struct{ svg bytes.Buffer }

func newCanvas(w, h float64) *canvas {
	c := &canvas{}
	c.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%[1]g" height="%.0[2]f">`, w, h)
	c.add(`<!-- SPDX-License-Identifier: Apache-2.0; drawn by make picture -->`)
	c.add(`<style>%s</style>`, style)
	c.rect(box{0, 0, w, h}, "page")
	return c
}

func (c *canvas) close() []byte {
	c.add("</svg>")
	return c.svg.Bytes()
}

func (c *canvas) add(format string, arguments ...any) {
	fmt.Fprintf(&c.svg, format+"\n", arguments...)
}

func (c *canvas) text(x, y float64, class, words string) { c.colored(x, y, class, "", words) }

// colored is text in a colour other than its class's.
func (c *canvas) colored(x, y float64, class, fill, words string) {
	var escaped bytes.Buffer
	_ = xml.EscapeText(&escaped, []byte(words)) // a buffer takes all
	if fill != "" {
		fill = fmt.Sprintf(` style="fill:%s"`, fill)
	}
	c.add(`<text x="%.1f" y="%.1f" class="%s"%s>%s</text>`, x, y, class, fill, escaped.String())
}

func (c *canvas) rect(b box, class string) {
	c.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="3" class="%s"/>`, b.x, b.y, b.w, b.h, class)
}

func (c *canvas) bar(b box, fill string) {
	c.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2" fill="%s"/>`, b.x, b.y, b.w, b.h, fill)
}

func (c *canvas) rule(x1, y1, x2, y2 float64) {
	c.add(`<path d="M%.1f %.1fL%.1f %.1f" class="grid"/>`, x1, y1, x2, y2)
}

func (c *canvas) line(path, stroke string) {
	c.add(`<path d="%s" fill="none" stroke="%s" stroke-width="1.5" stroke-linejoin="round"/>`, path, stroke)
}

func (c *canvas) area(path, fill string, opacity float64) {
	c.add(`<path d="%sZ" fill="%s" fill-opacity="%.2g"/>`, path, fill, opacity)
}

// spot is a place on the canvas.
type spot struct{ x, y float64 }

// path goes through all spots.
func path(spots []spot) string {
	var d strings.Builder
	step := 'M'
	for _, at := range spots {
		fmt.Fprintf(&d, "%c%.1f %.1f", step, at.x, at.y)
		step = 'L'
	}
	return d.String()
}

// letter is how wide one is at most, on average, in pixels.
const letter = 7.2

// fit cuts words that are wider than that.
func fit(words string, w float64) string {
	runes := []rune(words)
	if room := max(1, int(w/letter)); len(runes) > room {
		return string(runes[:room-1]) + "…"
	}
	return words
}
