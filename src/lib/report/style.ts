/** The looks of the page. Every state has a word or a shape of its own; colour only helps. */

const LIGHT = `
  color-scheme: light;
  --canvas: #f4f6f9; --paper: #ffffff; --ink: #17212c; --muted: #55616f; --rule: #dde2e9;
  --band: rgba(90, 105, 125, .08); --unified: #1f5bc4; --legacy: #9a5b00;
  --good: #146c3a; --warn: #855400; --bad: #b3231b;
  --good-tint: #e6f4eb; --warn-tint: #fdf1dc; --bad-tint: #fdeae8; --info-tint: #edf0f4;`

const DARK = `
  color-scheme: dark;
  --canvas: #0e1319; --paper: #171e27; --ink: #e6ebf1; --muted: #a5b1bf; --rule: #2d3743;
  --band: rgba(150, 170, 195, .09); --unified: #86b4ff; --legacy: #e5b35c;
  --good: #6bd398; --warn: #f0b65a; --bad: #ff938a;
  --good-tint: #15301f; --warn-tint: #33270f; --bad-tint: #3a1a18; --info-tint: #222b36;`

export const STYLE = `
:root {${LIGHT}
}
@media (prefers-color-scheme: dark) { :root {${DARK}
} }
*, *::before { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; padding: 0 1.25rem 3rem; max-width: 66rem;
  background: var(--canvas); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
h1 { margin: .1rem 0 .75rem; font-size: clamp(1.7rem, 4.5vw, 2.4rem); letter-spacing: -.02em; }
h2 { margin: 0 0 1rem; font-size: 1.25rem; letter-spacing: -.01em; }
h3 { margin: 1.5rem 0 .5rem; font-size: 1rem; }
p { margin: 0 0 .75rem; }
a { color: var(--unified); }
code { font: .86em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--muted); }
time, td, dd { font-variant-numeric: tabular-nums; }

.banner { margin: 1.5rem 0 0; padding: 1.75rem 1.75rem 1.25rem; background: var(--paper); border: 1px solid var(--rule);
  border-top: 6px solid var(--muted); border-radius: 12px; }
.banner.good { border-top-color: var(--good); } .banner.warning { border-top-color: var(--warn); } .banner.bad { border-top-color: var(--bad); }
.eyebrow { margin: 0; color: var(--muted); font-size: .8rem; font-weight: 600; letter-spacing: .08em; text-transform: uppercase; }
.outcome { max-width: 70ch; font-size: 1.08rem; }
.outcome .pill { display: table; margin: 0 0 .6rem; }
.outcome .why { display: block; } .outcome .why::first-letter { text-transform: uppercase; }
.where { margin: 0; color: var(--muted); font-size: .9rem; }
.pill { padding: .1rem .7rem; border: 1.5px solid currentColor; border-radius: 99px; font-weight: 700; }
.good > .outcome .pill { color: var(--good); background: var(--good-tint); }
.warning > .outcome .pill { color: var(--warn); background: var(--warn-tint); }
.bad > .outcome .pill { color: var(--bad); background: var(--bad-tint); }

nav { position: sticky; top: 0; z-index: 1; margin: 0 0 .5rem; background: var(--canvas); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: 0; padding: .8rem .25rem; list-style: none; font-size: .9rem; }
nav a { display: inline-block; padding: .15rem 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
a:focus-visible { outline: 2px solid currentColor; outline-offset: 3px; border-radius: 2px; }

section { margin: 0 0 1.25rem; padding: 1.5rem 1.75rem; background: var(--paper); border: 1px solid var(--rule); border-radius: 12px;
  scroll-margin-top: 3.5rem; }
.lead { max-width: 72ch; font-size: 1.06rem; }
.note { color: var(--muted); font-size: .9rem; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.6rem, 1fr)); gap: 1.1rem 0; margin: 1.5rem 0 0; }
.figures > div { padding: 0 .8rem; border-left: 2px solid var(--rule); }
.figures dt { color: var(--muted); font-size: .8rem; }
.figures dd { margin: 0; } .figures dd strong { display: block; font-size: 1.45rem; line-height: 1.3; letter-spacing: -.01em; }
.figures dd span { color: var(--muted); font-size: .8rem; line-height: 1.35; display: block; }
.warnings { margin: 0; padding-left: 1.2rem; }
.advice { margin: 0; padding-left: 1.4rem; } .advice li { margin: 0 0 .6rem; max-width: 70ch; }
.advice code { display: inline-block; margin-top: .15rem; padding: .1rem .5rem; color: var(--ink); background: var(--info-tint); border-radius: 5px; }

figure { margin: 0 0 1.25rem; } section > figure:last-child { margin-bottom: 0; }
figcaption { margin: 0 0 .35rem; color: var(--muted); font-size: .86rem; line-height: 1.4; }
figcaption strong { display: block; color: var(--ink); font-size: .95rem; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; }
svg.narrow { display: none; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem 1.5rem; align-items: end; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; color: var(--muted); font-size: .86rem; }
.key span::before { content: ''; display: inline-block; width: 1.5rem; margin-right: .45rem; vertical-align: .28em; border-top: 2.5px solid var(--unified); }
.key .k-limit::before { border-top: 2px dashed var(--bad); }
.key .k-legacy::before { border-top: 2.5px dashed var(--legacy); }
.key .k-broken::before { width: 0; border: 5px solid transparent; border-top: 0; border-bottom: 9px solid var(--bad); vertical-align: 0; }
.key .k-band::before { height: .8rem; border: 1px solid var(--rule); background: var(--band); vertical-align: -.1em; }
.marks { margin: 0; padding: 0; list-style: none; counter-reset: mark; font-size: .92rem; }
.marks li { counter-increment: mark; position: relative; margin: .3rem 0; padding-left: 2rem; }
.marks li::before { content: counter(mark); position: absolute; left: 0; top: .12rem; min-width: 1.35rem; padding: 0 .3rem; text-align: center;
  color: var(--paper); background: var(--muted); border-radius: 99px; font-size: .76rem; font-weight: 700; line-height: 1.35rem; }
.marks .good::before { background: var(--good); } .marks .warning::before { background: var(--warn); } .marks .bad::before { background: var(--bad); }
.marks time { margin-right: .35rem; color: var(--muted); }

.badge { display: inline-block; white-space: nowrap; padding: 0 .5rem; border-radius: 5px; font-size: .8rem; font-weight: 650; line-height: 1.4rem; background: var(--info-tint); }
.badge.good { color: var(--good); background: var(--good-tint); }
.badge.warning { color: var(--warn); background: var(--warn-tint); }
.badge.bad { color: var(--bad); background: var(--bad-tint); }

table { width: 100%; border-collapse: collapse; font-size: .9rem; overflow-wrap: normal; }
caption { padding-bottom: .5rem; color: var(--muted); font-size: .86rem; text-align: left; }
th, td { padding: .5rem .5rem; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: baseline; }
thead th { color: var(--muted); font-size: .8rem; font-weight: 600; }
th:first-child { padding-left: 0; } td:last-child, thead th:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }

.log { margin: 0; padding: 0; list-style: none; font-size: .92rem; }
.log li { display: grid; grid-template-columns: 6.2rem 3.7rem 1fr; gap: .2rem .75rem; padding: .45rem 0 .45rem .75rem;
  border-bottom: 1px solid var(--rule); border-left: 3px solid transparent; }
.log li.warning { border-left-color: var(--warn); } .log li.bad { border-left-color: var(--bad); }
.log time { color: var(--muted); } .log .badge { justify-self: start; align-self: start; }

.checklist { margin: 0; padding: 0; list-style: none; font-size: .94rem; }
.checklist li { display: grid; grid-template-columns: 4.6rem 1fr; gap: .2rem .75rem; padding: .45rem 0; border-bottom: 1px solid var(--rule); }
.checklist .badge { justify-self: start; align-self: start; } .checklist code { white-space: nowrap; }
.source { display: block; color: var(--muted); font-size: .88rem; }
.blank { display: none; }

.facts { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1.25rem; margin: 0; font-size: .92rem; }
.facts dt { color: var(--muted); } .facts dd { margin: 0; }
footer { color: var(--muted); font-size: .84rem; }

@media screen and (max-width: 44rem) {
  body { padding: 0 .75rem 2rem; }
  .banner, section { padding: 1.1rem 1rem; border-radius: 10px; }
  .banner { margin-top: .75rem; }
  nav { position: static; }
  .figures { grid-template-columns: 1fr 1fr; }
  .pair { grid-template-columns: 1fr; }
  svg.wide { display: none; } svg.narrow { display: block; }
  .log li { grid-template-columns: 1fr auto; } .log li > span:last-child { grid-column: 1 / -1; }
  .log br { display: none; } .log time { white-space: pre; }
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin: 0 0 .6rem; }
  table, tbody, tr, th, td, caption { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { padding: .6rem 0; border-bottom: 1px solid var(--rule); }
  tbody th, td { padding: .1rem 0; border: 0; }
  td { display: flex; justify-content: space-between; gap: 1rem; text-align: right; }
  td::before { content: attr(data-title); color: var(--muted); }
  td:empty { display: none; }
}
@media print {
  :root {${LIGHT}
    --canvas: #ffffff;
  }
  @page { margin: 14mm; }
  html { font-size: 12.5px; }
  body { max-width: none; padding: 0; }
  .figures { grid-template-columns: repeat(auto-fit, minmax(6rem, 1fr)); }
  nav { display: none; }
  .banner, section { padding: 0; border: 0; border-radius: 0; }
  .banner { margin: 0 0 1.5rem; padding-top: .75rem; border-top: 6px solid var(--muted); }
  section { margin: 0 0 1.75rem; }
  h2, h3 { break-after: avoid; }
  figure, tr, li { break-inside: avoid; }
  .blank { display: block; margin-top: .35rem; padding-bottom: .2rem; color: var(--muted); border-bottom: 1px dotted var(--muted); font-size: .82rem; }
  .badge, .pill, .marks li::before { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`
