# Every target works on a bare machine: it prepares .venv first. CONTRIBUTING.md explains.
#   PYTHON=python3.12     the interpreter that .venv is made with
#   TORCH_INDEX=URL       the package index that torch comes from (CPU or CUDA builds)
#   BAG=PATH VEHICLE=NAME|PATH   what `make demo` replays, and the vehicle file for it
PYTHON ?= python3
RUN := .venv/bin/python
export TORCH_INDEX

.PHONY: setup demo pictures test lint bench clean
setup: .venv/.ready

.venv/.ready: setup.py constraints.txt tools/setup_venv.py $(wildcard tools/pip_ros/*) \
              $(wildcard mm_fusion_ros/messages/interfaces/*/msg/*.msg)
	@$(PYTHON) tools/setup_venv.py
	@touch $@

demo: setup
	$(RUN) -m mm_fusion_ros demo $(if $(BAG),--bag '$(BAG)') $(if $(VEHICLE),--vehicle '$(VEHICLE)')

# What the README shows.
pictures: demo
	mkdir -p docs/images
	cp out/demo/pictures/bev_1.png docs/images/bev.png
	$(RUN) -m mm_fusion_ros simulate -o out/pictures --overwrite --seed 11 --seconds 12 --weather clear --preview out/pictures.preview
	cp out/pictures.preview/contact_sheet.jpg docs/images/simulated.jpg
	$(RUN) benchmarks/localization.py --seeds 0 --picture docs/images/localization.png
	$(RUN) -m mm_fusion_ros benchmark motion
	cp out/motion/late_camera.jpg docs/images/late_camera.jpg

# What computes shares the cores; what waits for messages has the machine to itself.
test: setup
	OMP_NUM_THREADS=1 $(RUN) -m pytest test/unit -n auto --dist loadfile --cov --cov-report=
	$(RUN) -m pytest test/ros test/system --cov --cov-append --cov-report=term:skip-covered --cov-fail-under=90

# `ruff format` is left out: it would undo the alignment of matrices and tables.
lint: setup
	$(RUN) -m ruff check
	$(RUN) -m mypy

bench: setup
	$(RUN) -m mm_fusion_ros benchmark

clean:
	rm -rf .venv out build install log .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
