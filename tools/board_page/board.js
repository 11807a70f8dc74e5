// The teacher's page: asks the board every second what has changed, and shows it.

const find = (selector) => document.querySelector(selector);
const PAUSE = 1000; // milliseconds
const LINES = 50; // of a file, sent at once
const STUCK = 4; // wrong answers, after which a student may need help

let shown = null; // what the board last said
let since = ""; // its version
let hidden = localStorage.getItem("names") === "hidden";
let opened = 0; // the number of the student in the dialog

// Build an element. Text is set as text, so that a name can never become HTML.
function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Make a list have one child for each item, keeping those that are there: the focus stays.
function fill(list, items, make, update) {
  while (list.children.length > items.length) list.lastChild.remove();
  items.forEach((item, index) => {
    if (!list.children[index]) list.append(make());
    update(list.children[index], item, index);
  });
}

const many = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
const isStuck = ({ marks }) => marks.some(([passed, wrong]) => !passed && wrong >= STUCK);
const nameOf = (student) => (hidden ? `No. ${student.number}` : student.name);

function show() {
  const { students, exercises, wrong } = shown;
  const lesson = find("#lesson");
  if (lesson.options.length === 1) {
    for (const number of shown.lessons) lesson.add(new Option(String(number).padStart(2, "0"), number));
  }
  lesson.options[0].text = `where the class is (${String(shown.lesson).padStart(2, "0")})`;
  find("#joined").textContent = many(students.length, "student");
  find("#line").textContent = `from scratchcnn import exercises\nexercises.join("${shown.address}", "code name")`;
  find("#exercises-title").textContent = `Lesson ${String(shown.lesson).padStart(2, "0")}`;
  showExercises(exercises, students.length);
  showWrong(wrong);
  showStudents(students);
  find("#names").setAttribute("aria-pressed", hidden);
  find("#door").textContent = shown.open ? "Let no one else in" : "Let new names in";
  find("#door-says").textContent = shown.open
    ? "New code names can join. Close the door once everyone is here."
    : "The door is closed: only those who have joined can report.";
  find("#csv").href = `class_board.csv?hour=${find("#hour").value}`;
  if (find("#one").open) showOne();
}

function showExercises(exercises, total) {
  const make = () => {
    const item = element("li", "");
    const what = element("div", "what");
    what.append(element("span", "name"), element("span", "counts"));
    const bar = element("div", "bar");
    bar.append(element("div", "solved"), element("div", "trying"));
    item.append(what, bar);
    return item;
  };
  fill(find("#exercises ol"), exercises, make, (item, { name, solved, trying }, index) => {
    item.querySelector(".name").textContent = `${index + 1}  ${name}`;
    item.querySelector(".counts").textContent = `${solved} of ${total} solved, ${trying} trying`;
    item.querySelector(".solved").style.width = `${(100 * solved) / (total || 1)}%`;
    item.querySelector(".trying").style.width = `${(100 * trying) / (total || 1)}%`;
  });
}

function showWrong(wrong) {
  const make = () => {
    const item = element("li", "");
    const words = element("div", "");
    const title = element("div", "");
    title.append(element("span", "title"), element("span", "still"));
    words.append(title, element("div", "message"));
    item.append(element("div", "times"), words);
    return item;
  };
  fill(find("#wrong ol"), wrong, make, (item, one) => {
    item.querySelector(".times").textContent = one.students;
    item.querySelector(".times").title = many(one.students, "student");
    item.querySelector(".title").textContent = `${one.exercise}: ${one.mistake || "something else"}`;
    item.querySelector(".message").textContent = one.message;
    item.querySelector(".still").textContent = one.still ? `${one.still} stuck there now` : "nobody stuck there now";
  });
}

function showStudents(all) {
  const dense = all.length > 60; // more than fit on the page, so those who may need help come first
  const order = (a, b) =>
    (dense && isStuck(b) - isStuck(a)) || (hidden ? a.number - b.number : 0); // names tell an order
  const students = all.toSorted(order);
  const section = find("#students");
  const marks = shown.exercises.length;
  const [name, mark, size] = dense ? [96, 16, 14] : students.length > 18 ? [105, 23, 17] : [160, 27, 20];
  document.body.classList.toggle("few", students.length <= 18);
  document.body.classList.toggle("many", marks > 5 && students.length > 18);
  section.classList.toggle("dense", dense);
  find("#first").hidden = !dense;
  section.style.setProperty("--tile", `${name + mark * marks}px`);
  section.style.setProperty("--size", `${size}px`);
  const make = () => {
    const item = element("li", "");
    item.append(element("button", ""));
    item.firstChild.append(element("span", "name"), element("span", "elsewhere"));
    return item;
  };
  fill(section.querySelector("ul"), students, make, (item, student) => {
    const button = item.firstChild;
    button.dataset.number = student.number;
    button.title = nameOf(student);
    button.classList.toggle("stuck", isStuck(student));
    button.querySelector(".name").textContent = nameOf(student);
    button.querySelector(".elsewhere").textContent = student.elsewhere;
    const started = student.marks.some(([passed, wrong]) => passed || wrong);
    const marks = student.elsewhere && !started ? [] : student.marks;
    while (button.children.length > 2) button.lastChild.remove();
    marks.forEach((mark, index) => button.append(markOf(mark, index === student.at)));
    button.querySelector(".elsewhere").hidden = marks.length > 0;
    button.setAttribute("aria-label", `${nameOf(student)}: ${inWords(student)}`);
  });
}

function markOf([passed, wrong], at) {
  const state = passed ? "passed" : wrong ? "failed" : "";
  const mark = element("span", `mark ${state} ${at ? "at" : ""}`, passed ? "✓" : wrong ? "✗" : "·");
  if (!passed && wrong > 1) mark.append(element("sub", "", Math.min(wrong, 99)));
  return mark;
}

function inWords({ marks, elsewhere }) {
  const words = marks.map(([passed, wrong], index) => {
    const state = passed ? "solved" : wrong ? `wrong, ${many(wrong, "time")}` : "not yet";
    return `${shown.exercises[index].name} ${state}`;
  });
  return words.join(", ") + (elsewhere ? `; now working on ${elsewhere}` : "");
}

function showOne() {
  const student = shown.students.find(({ number }) => number === opened);
  if (!student) {
    find("#one").close();
    return;
  }
  find("#one-title").textContent = nameOf(student);
  const make = () => {
    const row = element("tr", "");
    for (let column = 0; column < 5; column++) row.append(element("td", ""));
    return row;
  };
  fill(find("#one tbody"), student.marks, make, (row, [passed, wrong, hints, mistake], index) => {
    const state = passed ? "✓ solved" : wrong ? "✗ not right yet" : "· not yet";
    const cells = [shown.exercises[index].name, state, wrong, hints, mistake];
    cells.forEach((text, column) => (row.cells[column].textContent = text));
  });
  const time = new Date(1000 * student.last).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  find("#last").textContent =
    `Last heard from at ${time}${student.elsewhere ? `, working on ${student.elsewhere}` : ""}.`;
  const whole = find("[data-action='remove computer']");
  whole.hidden = student.neighbors < 2;
  if (!whole.classList.contains("sure")) {
    whole.textContent = `Remove all ${student.neighbors} names of that computer`;
  }
}

// Asking and telling the board

function trouble(text) {
  find("#trouble").textContent = text;
  find("#trouble").hidden = !text;
}

async function look() {
  const query = new URLSearchParams({ lesson: find("#lesson").value, hour: find("#hour").value, since });
  try {
    const answer = await fetch(`state?${query}`, { signal: AbortSignal.timeout(5000) });
    if (answer.status === 403) {
      trouble("This page is out of date: open the address that was printed when the board started.");
      return;
    }
    if (answer.status === 200) {
      const state = await answer.json();
      if (query.get("lesson") !== find("#lesson").value || query.get("hour") !== find("#hour").value) return;
      shown = state;
      since = state.version;
      show();
    }
    trouble(shown?.trouble ?? "");
  } catch {
    since = ""; // another board may answer next
    trouble("The board is not running. Start it again with `make board`, and this page continues automatically.");
  }
}

let looking = Promise.resolve();

function lookNow() {
  since = "";
  looking = looking.then(look);
  return looking;
}

async function act(message) {
  try {
    const answer = await fetch("act", {
      method: "POST",
      headers: { "X-Board": "1", "Content-Type": "application/json" },
      body: JSON.stringify(message),
    });
    const said = (await answer.text()) || "{}";
    await lookNow();
    return answer.ok ? JSON.parse(said) : { problem: JSON.parse(said).problem };
  } catch {
    return { problem: "The board does not answer." };
  }
}

async function load(files) {
  if (!find("#menu").open) find("#menu").showModal();
  let [fresh, bad] = [0, 0];
  for (const file of files) {
    const lines = (await file.text()).split("\n").map((line) => line.slice(0, 1000));
    for (let start = 0; start < lines.length; start += LINES) {
      const said = await act({ action: "load", lines: lines.slice(start, start + LINES) });
      if (said.problem) {
        find("#loaded").textContent = said.problem;
        return;
      }
      fresh += said.new;
      bad += said.bad;
    }
  }
  const also = bad ? `, ${many(bad, "line")} that the board does not understand` : "";
  find("#loaded").textContent = `${many(files.length, "file")}: ${many(fresh, "new outcome")}${also}.`;
}

// What the teacher does

for (const select of [find("#lesson"), find("#hour")]) select.addEventListener("change", lookNow);

function open(dialog) {
  for (const button of dialog.querySelectorAll(".sure")) calm(button);
  dialog.showModal();
}

function calm(button) {
  button.classList.remove("sure");
  button.textContent = button.dataset.label;
}

// What cannot be undone is asked twice.
for (const button of document.querySelectorAll("[data-action]")) {
  button.addEventListener("click", async () => {
    if (!button.classList.contains("sure")) {
      button.dataset.label = button.textContent;
      button.textContent = `${button.textContent}: sure?`;
      button.classList.add("sure");
      return;
    }
    calm(button);
    button.closest("dialog").close();
    await act({ action: button.dataset.action, number: opened });
  });
}

function toggleNames() {
  hidden = !hidden;
  localStorage.setItem("names", hidden ? "hidden" : "shown");
  if (shown) show();
}

find("#join").addEventListener("click", () => open(find("#how")));
find("#more").addEventListener("click", () => {
  find("#loaded").textContent = "";
  open(find("#menu"));
});
find("#names").addEventListener("click", toggleNames);
find("#door").addEventListener("click", () => act({ action: shown.open ? "close" : "open" }));
find("#files").addEventListener("change", ({ target }) => load([...target.files]));
find("#students ul").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  opened = Number(button.dataset.number);
  open(find("#one"));
  showOne();
});
document.addEventListener("keydown", (event) => {
  const busy = event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]");
  if (busy || event.target.tagName === "SELECT") return;
  if (event.key === "j") open(find("#how"));
  if (event.key === "h") toggleNames();
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) load([...event.dataTransfer.files]);
});

async function follow() {
  looking = looking.then(look);
  await looking;
  if (shown && !shown.students.length && !follow.welcomed) open(find("#how")); // nobody there yet
  if (shown) follow.welcomed = true;
  setTimeout(follow, PAUSE);
}

follow();
