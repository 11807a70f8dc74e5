// A mission: a task, and in words how far the reader has come. Readers of screens hear of changes.

function render({ model, el }) {
  const add = (className) => {
    const node = document.createElement("div");
    node.className = className;
    el.append(node);
    return node;
  };
  el.classList.add("scratchcnn-mission");
  const task = add("sc-task");
  const answer = add("sc-answer");
  answer.setAttribute("role", "status");
  const show = () => {
    const done = model.get("done");
    task.textContent = model.get("task");
    answer.textContent = `${done ? "✓ Done!" : "Not done yet."} ${model.get("words")}`;
    el.classList.toggle("sc-done", done);
  };
  const names = "change:task change:words change:done";
  model.on(names, show);
  show();
  return () => model.off(names, show);
}

export default { render };
