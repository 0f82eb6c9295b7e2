// SPDX-License-Identifier: Apache-2.0

package sketch

// stat is the latest value of each series in large figures, over the course that it took.
func (s Sheet) stat(c *canvas, b box, panel Panel) {
	field := panel.FieldConfig.Defaults
	share := b.w / float64(len(panel.Series))
	for i, each := range panel.Series {
		cell := box{b.x + float64(i)*share, b.y, share - gap, b.h}
		fill := threshold(each.last(), field)
		top := highest(layersOf([]Series{each}, false))
		p := s.plot(cell.inner(0, cell.h*0.6, 0, 0), max(1, top))
		run := layersOf([]Series{each}, false)[0].simple()
		p.fill(c, run, fill, 0.12)
		c.line(path(p.tops(run)), fill)
		y := cell.y + min(cell.h*0.45, 62)
		c.colored(cell.x+cell.w/2, y, "v mid", fill, show(each.last(), field))
		c.text(cell.x+cell.w/2, y-32, "t mid", each.Name)
	}
}

// bars are one for each series, the longest for the highest value.
func bars(c *canvas, b box, panel Panel) {
	top := 1.0
	for _, each := range panel.Series {
		top = max(top, each.last())
	}
	share := min(b.h/float64(len(panel.Series)), 34)
	const names, values = 140.0, 40.0
	fills := colors(panel.Series)
	for i, each := range panel.Series {
		y := b.y + float64(i)*share
		track := box{b.x + names, y, b.w - names - values, share - gap}
		c.text(b.x, y+share/2, "", fit(each.title(), names))
		c.rect(track, "track")
		track.w *= each.last() / top
		c.bar(track, fills[i])
		c.text(b.x+b.w, y+share/2, "t end", show(each.last(), panel.FieldConfig.Defaults))
	}
}
