// What the panes share. What comes from the wire is shown as text, never as HTML.

/** Paths of the server's endpoints, which it has written into the page. */
export const endpoints = document.body.dataset.endpoints.split(" ").filter(Boolean)
  .map(decodeURIComponent);

/** Most lines that a log keeps. */
const MAX_LINES = 200;

/** Adds a line, with a label if it is from somebody. */
export function addLine(log, className, text, from) {
  const line = document.createElement("li");
  line.className = className;
  if (from !== undefined) {
    const label = document.createElement("span");
    label.className = "from";
    label.textContent = from;
    line.append(label);
  }
  line.append(text);
  log.append(line);
  while (log.childElementCount > MAX_LINES) log.firstElementChild.remove();
  log.scrollTop = log.scrollHeight;
}
