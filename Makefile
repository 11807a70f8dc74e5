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

.PHONY: lab play board course test check afresh browser grading fast site serve slides notebooks lint mutation bench mnist \
	fashion experiments clean

lab: .venv/installed  ## open the course in JupyterLab, with a working copy of the workbook
	-@$(BIN)/python -m scratchcnn.exercises
	$(BIN)/jupyter lab --notebook-dir=notebooks --ServerApp.jpserver_extensions=scratchcnn.widgets.server=True

play: .venv/installed  ## the playground as a web app, without its code
	$(BIN)/python tools/play.py

test: .venv/installed .venv/site  ## lint, types, the browser, unit tests, every notebook re-executed and compared
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) --no-print-directory browser
	$(MAKE) --no-print-directory grading
	$(BIN)/python -m pytest

# make check WORKBOOK=notebooks/my_workbook/01_convolution.ipynb checks only one.
check: .venv/installed  ## what the checks of your saved workbook say in a fresh kernel
	@$(BIN)/python tools/check_workbook.py $(WORKBOOK) || true  # what is not done yet is no error of make

# make board BOARD="--load homework" takes files as well; tools/board.py says what else.
board: .venv/installed  ## a page for the class: who has solved what, and the commonest mistakes
	$(BIN)/python tools/board.py --network $(BOARD)

# make afresh WORKBOOK=05 begins one anew; what you had is kept under another name.
afresh: .venv/installed  ## begin a workbook anew
	@$(BIN)/python -m scratchcnn.exercises afresh $(WORKBOOK)

browser: .venv/installed .venv/site  ## the explorers in a real Chromium
	$(BIN)/python -m pytest tests/browser

fast: .venv/installed  ## the unit tests that take no more than a minute together
	$(BIN)/python -m pytest -m "not slow" tests

# SCRATCHCNN_PYODIDE=FOLDER adds the course that runs in a browser: tools/make_site.py says more.
site: .venv/installed .venv/site  ## the website: lessons, guides, reference and the running course, in build/site/
	$(BIN)/python tools/make_site.py

serve: .venv/installed  ## show the website on this computer
	$(BIN)/python tools/serve.py

slides: .venv/installed  ## the lessons as slides for a projector, in build/slides/
	$(BIN)/python tools/slides.py build

notebooks: .venv/installed  ## execute every notebook in place, after a change
	$(BIN)/python tools/notebooks.py execute

bench: .venv/installed  ## measure speed against every peer that is installed
	$(BIN)/python benchmarks/run.py

mnist: .venv/installed  ## train on all of MNIST to 99.4%; Ctrl-C stops it, again goes on
	$(BIN)/python benchmarks/official.py mnist

fashion: .venv/installed  ## train on all of Fashion-MNIST; Ctrl-C stops it, again goes on
	$(BIN)/python benchmarks/official.py fashion

experiments: .venv/installed  ## the runs behind the tables of lessons 07 to 09; Ctrl-C stops, again goes on
	$(BIN)/python benchmarks/experiments.py

lint: .venv/installed  ## lint and format, notebooks included; types
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy

# make mutation MUTATION="losses fast --minutes 20" tries less; tools/mutation.py says what else.
mutation: .venv/installed  ## break the library on purpose and see whether the tests notice: hours
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --editable ".[mutation]"
	$(BIN)/python tools/mutation.py $(MUTATION)

# make course COURSE=~/my_course writes it elsewhere.
course: $(TEACH)/installed  ## a course for nbgrader from the workbook, in build/course/; see docs/teaching.md
	$(TEACH_BIN)/python tools/course.py $(COURSE)

grading: $(TEACH)/installed  ## the course, graded by nbgrader itself
	$(TEACH_BIN)/python -m pytest --noconftest -o addopts="--import-mode=importlib -ra" tests/course

clean:  ## forget the environment and everything built
	rm -rf .venv build

# Installs again only when the dependencies have changed. The versions are those that the stored outputs
# were made with; `make CONSTRAINTS= lab` takes the newest instead.
CONSTRAINTS ?= -c constraints.txt

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make PYTHON=python3.12')"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAINTS) --editable ".[course,lab,keras,test]"
	$(BIN)/python -c "open('.venv/installed', 'w')"

$(TEACH)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make PYTHON=python3.12')"
	$(PYTHON) -m venv $(TEACH)
	$(TEACH_BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAINTS) --editable ".[course,teach]" pytest
	$(TEACH_BIN)/python -c "open('$(TEACH)/installed', 'w')"

.venv/site: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAINTS) --editable ".[site]"
	$(BIN)/python -c "open('.venv/site', 'w')"
