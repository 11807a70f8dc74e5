// What is wider than its place can be scrolled by keyboard, too.
function reachWide() {
  for (const part of document.querySelectorAll("pre, .table-wrapper, .formula, .cell_output")) {
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
}
addEventListener("load", reachWide);
addEventListener("resize", reachWide);
addEventListener("toggle", reachWide, true); // code that unfolds
