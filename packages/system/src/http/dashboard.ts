/**
 * The page at `/`: the node's status, asked for once a second. One text, no build, nothing loaded from elsewhere.
 */

/** The page. */
export const DASHBOARD = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Void</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.3rem } h2 { font-size: 1rem; margin: 1.5rem 0 .25rem }
  table { border-collapse: collapse; width: 100% }
  td, th { text-align: left; padding: .15rem .75rem .15rem 0; vertical-align: top; font-variant-numeric: tabular-nums }
  td:first-child { opacity: .7; width: 14rem }
  .bad { color: #c33 } code { font-size: .85em; word-break: break-all }
</style>
<h1>Void <span id="node"></span> <span id="state"></span></h1>
<main id="tables"></main>
<script>
  const tables = document.getElementById("tables");
  const cell = (row, tag, text) => { const node = row.appendChild(document.createElement(tag)); node.textContent = text; return node };
  const show = (value) => typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  function table(title, entries) {
    const heading = document.createElement("h2"); heading.textContent = title;
    const body = document.createElement("table");
    for (const [name, value] of entries) { const row = body.insertRow(); cell(row, "td", name); cell(row, "td", show(value)) }
    return [heading, body];
  }
  async function refresh() {
    const state = document.getElementById("state");
    try {
      const status = await (await fetch("/status")).json();
      document.getElementById("node").textContent = status.nodeId;
      const red = status.problems.find(({ about, level }) => about === status.nodeId && level === "red");
      state.textContent = red ? "(" + red.name + ")" : status.ready ? "" : "(not ready)"; state.className = "bad";
      const groups = Object.entries(status).filter(([, value]) => typeof value === "object" && value !== null && !Array.isArray(value));
      const plain = Object.entries(status).filter(([name]) => !groups.some(([group]) => group === name));
      tables.replaceChildren(...table("node", plain), ...groups.flatMap(([name, value]) => table(name, Object.entries(value))));
    } catch { state.textContent = "(does not answer)"; state.className = "bad" }
    setTimeout(refresh, 1000);
  }
  refresh();
</script>
</html>
`;
