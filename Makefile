# Every target works alone on a fresh machine with Python 3.11 or newer: it makes .venv first.

PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
# nbgrader puts a menu and buttons into JupyterLab that students have no use for, so it lives apart.
TEACH := .venv/teach
TEACH_BIN := $(TEACH)/$(notdir $(BIN))

.PHONY: lab play board course test check afresh hub browser grading fast site serve slides notebooks lint mutation bench mnist \
	fashion experiments clean

lab: .venv/installed  ## open the course in JupyterLab, with a working copy of the workbook
	-@$(BIN)/python -m scratchcnn.exercises
	$(BIN)/jupyter lab --notebook-dir=notebooks --ServerApp.jpserver_extensions=scratchcnn.widgets.server=True

play: .venv/installed  ## the playground as a web app, without its code
	$(BIN)/python tools/play.py

# Two tests run at once, each on a core of its own. Two threads each would wait for one another.
test browser fast: export OPENBLAS_NUM_THREADS = 1

test: .venv/installed-tests  ## lint, types, the browser, unit tests, every notebook re-executed and compared
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	# On a busy computer a page may be late: what failed has to pass by itself.
	@$(MAKE) --no-print-directory browser || $(BIN)/python -m pytest tests/browser --last-failed
	$(MAKE) --no-print-directory grading
	$(BIN)/python -m pytest

# make check WORKBOOK=notebooks/my_workbook/01_convolution.ipynb checks only one.
check: .venv/installed  ## what the checks of your saved workbook say in a fresh kernel
	@$(BIN)/python tools/check_workbook.py $(WORKBOOK) || true  # what is not done yet is no error of make

# make board BOARD="--load homework" takes files as well; tools/board.py says what else.
board: .venv/installed  ## a page for the class: who has solved what, and the most common mistakes
	$(BIN)/python tools/board.py --network $(BOARD)

# make afresh WORKBOOK=05 starts one over; what you had is kept under another name.
afresh: .venv/installed  ## a clean copy of a workbook
	@$(BIN)/python -m scratchcnn.exercises afresh $(WORKBOOK)

# Only on this computer, to try it; deploy/jupyterhub/README.md says what a class needs.
hub: .venv/installed-hub  ## a JupyterHub for a class, on http://127.0.0.1:8000
	$(BIN)/jupyterhub --config=deploy/jupyterhub/jupyterhub_config.py

browser: .venv/installed-tests  ## the explorers in a real Chromium
	$(BIN)/python -m pytest tests/browser

fast: .venv/installed-tests  ## the unit tests that take no more than a minute together
	$(BIN)/python -m pytest -m "not slow" tests

# SCRATCHCNN_PYODIDE=FOLDER adds the course that runs in a browser: tools/make_site.py says more.
site: .venv/installed-tests  ## the website: lessons, guides, reference, in build/site/
	$(BIN)/python tools/make_site.py

serve: .venv/installed  ## show the website on this computer
	$(BIN)/python tools/serve.py

slides: .venv/installed-tests  ## the lessons as slides for a projector, in build/slides/
	$(BIN)/python tools/slides.py build

notebooks: .venv/installed-tests  ## execute every notebook in place, after a change
	$(BIN)/python tools/notebooks.py execute

bench: .venv/installed-tests  ## measure speed against every peer that is installed
	$(BIN)/python benchmarks/run.py

mnist: .venv/installed-tests  ## train on all of MNIST to 99.5%; press Ctrl-C to stop, run it again to continue
	$(BIN)/python benchmarks/official.py mnist

fashion: .venv/installed-tests  ## train on all of Fashion-MNIST; press Ctrl-C to stop, run it again to continue
	$(BIN)/python benchmarks/official.py fashion

experiments: .venv/installed-tests  ## the runs behind the tables of lessons 07 to 11; press Ctrl-C to stop, run it again to continue
	$(BIN)/python benchmarks/experiments.py

lint: .venv/installed-tests  ## lint and format, notebooks included; types
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy

# make mutation MUTATION="losses fast --minutes 20" tries less; tools/mutation.py says what else.
mutation: .venv/installed-tests  ## break the library on purpose and see whether the tests notice: hours
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --editable ".[mutation]"
	$(BIN)/python tools/mutation.py $(MUTATION)

# make course COURSE=~/my_course writes it elsewhere.
course: $(TEACH)/installed  ## a course for nbgrader from the workbook, in build/course/; see docs/teaching.md
	$(TEACH_BIN)/python tools/course.py $(COURSE)

grading: $(TEACH)/installed  ## the course, graded by nbgrader itself
	$(TEACH_BIN)/python -m pytest --noconftest -o addopts="--import-mode=importlib -ra" tests/course

clean:  ## delete the environment and everything built
	rm -rf .venv build

# Installs again only when the dependencies have changed. The versions are those that the stored outputs
# were made with; `make CONSTRAINTS= lab` takes the newest instead. Where uv is at hand, it is quicker than pip.
CONSTRAINTS ?= -c constraints.txt
UV := $(shell command -v uv 2>/dev/null)

# $(call install,environment) installs $(WHAT) there.
define install
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make PYTHON=python3.12')"
	$(PYTHON) -m venv $(1)
	$(if $(UV),$(UV) pip install --quiet --python $(1)/$(notdir $(BIN))/python $(CONSTRAINTS) $(WHAT) ||) \
		$(1)/$(notdir $(BIN))/python -m pip install --quiet --disable-pip-version-check $(COMPILE) $(CONSTRAINTS) $(WHAT)
endef
INSTALLED = $(PYTHON) -c "open('$@', 'w')"

# The hub reaches the students' servers through this proxy, which needs Node.js 20 or newer.
INSTALL_PROXY = npm install --silent --no-audit --no-fund --prefix .venv configurable-http-proxy@5.3.0

# What readers need. `make EXTRAS=course,lab lab` leaves out Keras, JAX and Dask, which are more than half of the space
# and which only lessons 08 and 14 need. JupyterLab asks readers nothing. Python compiles a module when it is first imported; to compile all of
# them now, as pip does, would take half of the time, and a sixth of the space.
.venv/installed: COMPILE = --no-compile
EXTRAS ?= course,lab,keras,cluster
.venv/installed: WHAT = --editable ".[$(EXTRAS)]"
.venv/installed: pyproject.toml constraints.txt
	$(call install,.venv)
	$(BIN)/jupyter labextension disable --level=sys_prefix "@jupyterlab/apputils-extension:announcements" >/dev/null 2>&1
	$(INSTALLED)

# What the tests and the tools need.
HUB := deploy/jupyterhub/requirements.txt
.venv/installed-tests: WHAT = --editable ".[course,lab,keras,cluster,site,test]" --requirement $(HUB)
.venv/installed-tests: pyproject.toml constraints.txt $(HUB)
	$(call install,.venv)
	-$(INSTALL_PROXY)  # without npm, the tests of the hub are skipped
	$(INSTALLED)

.venv/installed-hub: WHAT = --editable ".[course,lab,keras,cluster]" --requirement $(HUB)
.venv/installed-hub: pyproject.toml constraints.txt $(HUB)
	$(call install,.venv)
	$(INSTALL_PROXY)
	-$(BIN)/python -m compileall -q -j 0 .venv/lib >/dev/null  # students cannot, in a folder that is not theirs
	$(INSTALLED)

$(TEACH)/installed: WHAT = --editable ".[course,teach]" pytest
$(TEACH)/installed: pyproject.toml constraints.txt
	$(call install,$(TEACH))
	$(INSTALLED)
