/** Style of the page of {@link toHtml}: light and dark, from a phone's width up. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1c2024;--pale:#62686f;--back:#fff;--line:#d5d9dd;--shade:#f1f3f5;--cause:#b02a37;--bar:#3b6fd4;--without:#1f7a4d}
@media(prefers-color-scheme:dark){:root{--ink:#e6e8ea;--pale:#a3abb2;--back:#15181b;--line:#3a4046;--shade:#22272b;--cause:#ff8a94;--bar:#8ab0ff;--without:#6fd6a2}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:60rem;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);overflow-wrap:anywhere}
h1{font-size:1.4rem;line-height:1.3;margin:.2rem 0}
h2{font-size:1.1rem;margin:1.5rem 0 .4rem}
p,figcaption,.values{color:var(--pale)}
.verdict{display:inline-block;margin:0;padding:0 .6rem;border:1px solid currentColor;border-radius:1rem}
.verdict.cause,.verdict.target-itself{color:var(--cause)}
details{border:1px solid var(--line);border-radius:.4rem;margin:.4rem 0;padding:0 .8rem}
details[open]{padding-bottom:.8rem}
details.named{border-color:var(--cause)}
summary{display:flex;flex-wrap:wrap;gap:.2rem .8rem;align-items:center;padding:.5rem 0;cursor:pointer}
summary>span:first-child{flex:1 1 14rem;font-weight:600}
.named>summary>span:first-child{color:var(--cause)}
summary>span:last-child{flex:0 0 12.5rem;font-variant-numeric:tabular-nums}
summary:focus-visible,.wide:focus-visible,input:focus-visible{outline:3px solid var(--bar);outline-offset:2px}
figure{margin:.8rem 0}
svg{max-width:100%}
.wide svg{max-width:none}
.share{flex:0 0 8rem;width:8rem;height:.8rem;background:var(--shade)}
.share .bar{fill:var(--bar)}
.named .share .bar{fill:var(--cause)}
.interval{stroke:var(--ink);stroke-width:2;fill:none}
.chart{display:block;width:100%;height:auto;border:1px solid var(--line);touch-action:pan-y}
.chart path,.edge{fill:none;stroke-width:2}
.chart .measured{stroke:var(--ink)}
.chart .without{stroke:var(--without);stroke-dasharray:6 4}
.chart .normal{stroke:var(--pale);stroke-width:1}
.chart .since{stroke:var(--cause);stroke-dasharray:4 3}
.chart .at{stroke:var(--bar)}
.chart .shade{fill:var(--shade)}
.chart text,.ways text{fill:var(--ink);font-size:12px}
figcaption .measured{color:var(--ink);border-bottom:2px solid}
figcaption .without{color:var(--without);border-bottom:2px dashed}
.edge{stroke:var(--pale)}
.box rect{fill:var(--back);stroke:var(--pale)}
.on rect,.edge.on{stroke:var(--cause);stroke-width:3}
.wide{overflow-x:auto}
table{border-collapse:collapse;white-space:nowrap;font-variant-numeric:tabular-nums}
th,td{padding:.1rem .8rem .1rem 0;text-align:right;border-bottom:1px solid var(--line);font-weight:400}
label{display:block}
input{width:100%;margin:.6rem 0 0}
output{color:var(--ink)}
`;

/** Script of the page: a slider for each incident reads its rows one by one, by keyboard, mouse or finger. */
export const SCRIPT = `
for (const figure of document.querySelectorAll("figure.incident")) {
  const table = figure.parentElement.querySelector("table");
  const rows = table.tBodies[0].rows;
  if (rows.length === 0) continue;
  const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const chart = figure.querySelector("svg");
  const width = chart.viewBox.baseVal.width;
  const label = document.createElement("label");
  const slider = document.createElement("input");
  const output = document.createElement("output");
  slider.type = "range";
  slider.min = "0";
  slider.max = String(rows.length - 1);
  slider.value = slider.max;
  label.append("Row of the incident", slider);
  figure.append(label, output);
  const show = () => {
    const cells = [...rows[slider.valueAsNumber].cells];
    output.textContent = cells.map((cell, at) => names[at] + ": " + cell.textContent).join(" · ");
    slider.setAttribute("aria-valuetext", output.textContent);
    const x = slider.valueAsNumber / Math.max(1, rows.length - 1) * width;
    chart.querySelector(".at").setAttribute("d", "M" + x + " 0V" + chart.viewBox.baseVal.height);
  };
  slider.addEventListener("input", show);
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    slider.valueAsNumber = Math.round((event.clientX - box.left) / box.width * (rows.length - 1));
    show();
  });
  show();
}
`;

/** SHA-256 of {@link STYLE} and {@link SCRIPT} in base64, for the page's content security policy; a test compares them. */
export const STYLE_SHA256 = "ppphx2gQK0HE1n8sdKD52b3KngWrIFP4vLoC+aA5wP4=";
export const SCRIPT_SHA256 = "4ohRGBfVSe2v69JQlnVVu0mcbxv4mzYxvkNAYOU288E=";
