# SPDX-License-Identifier: Apache-2.0

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := $(CURDIR)/.cache/bin
CONTROLLER_GEN := $(BIN)/controller-gen
GOLANGCI_LINT := $(BIN)/golangci-lint
PROMTOOL ?= $(BIN)/promtool
AMTOOL ?= $(BIN)/amtool
export PROMTOOL AMTOOL
KUBECTL ?= kubectl
RACE = $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

##@ Try it

.PHONY: demo
demo: ## Watch numbers being mirrored on a real API server, against a scripted Sinch (ONCE=1: check, print, end).
	@assets=$$(hack/controlplane/ensure.sh) && go build -o .cache/demo/demo ./hack/demo && \
		KUBEBUILDER_ASSETS=$$assets exec .cache/demo/demo $(if $(ONCE),-once)

##@ Change it

.PHONY: test
test: $(PROMTOOL) $(AMTOOL) ## Run every test. Prepares all that it needs.
	@$(if $(RACE),,echo "test: without the race detector, which needs a C compiler; there is none here" >&2)
	@assets=$$(hack/controlplane/ensure.sh) && KUBEBUILDER_ASSETS=$$assets go test $(RACE) ./...
	@go -C hack/engines test -count=1 ./... # Go does not see that what it read elsewhere has changed

.PHONY: test-rules
test-rules: $(PROMTOOL) $(AMTOOL) ## Run the tests of alert rules, dashboard and runbooks alone: part of make test.
	@go test ./config/prometheus/... ./config/grafana/... ./config/kube-state-metrics/... ./hack/rules

.PHONY: test-alerts
test-alerts: ## Try alerts and dashboard against a real Prometheus and Alertmanager (in PATH, or Debian's packages).
	@programs=$$(hack/alerts/ensure.sh) && assets=$$(hack/controlplane/ensure.sh) && \
		KUBEBUILDER_ASSETS=$$assets PROMETHEUS=$$(head -n 1 <<<"$$programs") ALERTMANAGER=$$(tail -n 1 <<<"$$programs") \
		go test -tags live -count=1 ./hack/alerts

.PHONY: picture
picture: ## Draw docs/dashboard.svg anew, in about four minutes, with the programs of test-alerts.
	@programs=$$(hack/alerts/ensure.sh) && assets=$$(hack/controlplane/ensure.sh) && \
		KUBEBUILDER_ASSETS=$$assets PROMETHEUS=$$(head -n 1 <<<"$$programs") ALERTMANAGER=$$(tail -n 1 <<<"$$programs") \
		go test -tags live,picture -count=1 -run TestPicture ./hack/alerts

.PHONY: bench
bench: ## Measure 1,000 and 10,000 numbers against the bounds, in about 17 minutes (ARGS="-sizes 200": a quick try).
	@assets=$$(hack/controlplane/ensure.sh) && go build -o .cache/bench/bench ./hack/bench && \
		KUBEBUILDER_ASSETS=$$assets exec .cache/bench/bench $(ARGS)

.PHONY: bench-full
bench-full: ## Measure 50,000 numbers as well, in about 40 minutes.
	@$(MAKE) bench ARGS="-sizes 1000,10000,50000 $(ARGS)"

.PHONY: generate
generate: $(CONTROLLER_GEN) ## Generate code, CRD, roles and reference from the types and their comments, and PrometheusRule from rules.
	@$(CONTROLLER_GEN) object:headerFile=hack/boilerplate.go.txt paths=./api/...
	@$(CONTROLLER_GEN) crd:headerFile=hack/boilerplate.yaml.txt paths=./api/... output:crd:dir=config/crd/bases
	@$(CONTROLLER_GEN) rbac:roleName=activenumber-operator,headerFile=hack/boilerplate.yaml.txt \
		paths=./internal/controller/... output:rbac:dir=config/rbac
	@go run ./hack/apidoc
	@go run ./hack/rules

.PHONY: format
format: $(GOLANGCI_LINT) ## Format the code.
	@$(GOLANGCI_LINT) fmt

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Check the code, the direction of imports and go.mod.
	@$(GOLANGCI_LINT) run
	@go -C hack/engines vet ./...
	@for module in . hack/engines; do go -C $$module mod tidy -diff || { \
		echo "lint: go.mod or go.sum is not tidy: run \`go -C $$module mod tidy\`" >&2; exit 1; }; done

.PHONY: verify
verify: ## Do all of the above as a gate: generate, format, lint, test, and fail if files changed by that.
	@hack/verify.sh

##@ Use it

.PHONY: build
build: ## Build bin/manager.
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/manager ./cmd

.PHONY: plugin
plugin: ## Build bin/kubectl-activenumbers, and its completion.
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/kubectl-activenumbers ./cmd/kubectl-activenumbers
	@install -m 0755 cmd/kubectl-activenumbers/kubectl_complete-activenumbers bin/

.PHONY: run
run: ## Run the operator here, against the cluster of the current kubeconfig (ARGS="…": its flags).
	@go build -ldflags "-X main.version=$(VERSION)" -o .cache/run/manager ./cmd
	@exec .cache/run/manager --metrics-bind-address=0 --health-probe-bind-address=0 $(ARGS)

.PHONY: install
install: ## Install the CRD into the cluster of the current kubeconfig.
	@$(KUBECTL) apply -k config/crd

.PHONY: uninstall
uninstall: ## Remove the CRD, and with it every ActiveNumber; numbers at Sinch stay as they are.
	@$(KUBECTL) delete --ignore-not-found -k config/crd

.PHONY: deploy
deploy: ## Install all of it into the cluster of the current kubeconfig (IMG=…: another image).
	@$(KUBECTL) kustomize config/default | sed -E '$(if $(IMG),s#^( *image:) .*#\1 $(IMG)#)' | $(KUBECTL) apply -f -

.PHONY: undeploy
undeploy: ## Remove all of it, and with it every ActiveNumber; numbers at Sinch stay as they are.
	@$(KUBECTL) delete --ignore-not-found -k config/default

##@ Keep it tidy

.PHONY: controlplane
controlplane: ## Get etcd, kube-apiserver and kubectl, for tests and demo: downloaded, else built.
	@hack/controlplane/ensure.sh

.PHONY: tools
tools: $(CONTROLLER_GEN) $(GOLANGCI_LINT) $(PROMTOOL) $(AMTOOL) ## Build the tools.

.PHONY: clean
clean: ## Remove everything that was built or downloaded.
	@chmod -R u+w .cache 2>/dev/null || true
	@rm -rf bin .cache

.PHONY: help
help: ## Print this.
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(CONTROLLER_GEN): hack/tools/go.mod
	@GOBIN=$(BIN) go install -C hack/tools tool
	@touch $@

$(GOLANGCI_LINT): hack/tools/golangci-lint/go.mod
	@echo "building golangci-lint, which takes minutes the first time" >&2
	@GOBIN=$(BIN) go install -C hack/tools/golangci-lint tool
	@touch $@

# Without remove_all_sd, promtool brings in the libraries of every cloud there is.
$(BIN)/promtool: hack/tools/prometheus/go.mod
	@echo "building promtool and amtool, which takes minutes the first time" >&2
	@GOBIN=$(BIN) go install -C hack/tools/prometheus -tags remove_all_sd tool
	@touch $@

$(BIN)/amtool: $(BIN)/promtool
	@touch $@
