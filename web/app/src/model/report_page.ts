// One HTML file that says everything about one path: readable by itself, with the same facts as JSON inside. It has no
// script and loads nothing.

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export function reportPage(title: string, sentence: string, report: object): string {
  return `<!doctype html>
<html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>
  body { max-width: 60em; margin: 2em auto; padding: 0 1em; font: 16px/1.5 system-ui, sans-serif; }
  pre { padding: 1em; overflow: auto; border: 1px solid #ccc; border-radius: 8px; font-size: 13px; }
</style>
<h1>${escaped(title)}</h1>
<p>${escaped(sentence)}</p>
<pre id="report">${escaped(JSON.stringify(report, null, 2))}</pre>
</html>
`;
}
