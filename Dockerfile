# SPDX-License-Identifier: Apache-2.0
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY api api
COPY cmd cmd
COPY internal internal
ARG TARGETOS TARGETARCH VERSION=dev
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /activenumber-operator ./cmd

FROM gcr.io/distroless/static:nonroot
COPY --from=build /activenumber-operator /activenumber-operator
USER 65532:65532
ENTRYPOINT ["/activenumber-operator"]
