"use strict";
(async () => {
  const doc = await (await fetch("/pulp/api/v3/docs/api.json")).json();
  const el = (tag, text, cls) => {
    const e = document.createElement(tag);
    if (text !== undefined) e.textContent = text;
    if (cls) e.className = cls;
    return e;
  };
  const resolve = s => (s && s.$ref ? doc.components.schemas[s.$ref.split("/").pop()] || {} : s || {});
  const typeOf = s => {
    const r = resolve(s);
    const type = Array.isArray(r.type) ? r.type.join(" or ") : r.type || "any";
    const items = r.items ? ` of ${typeOf(r.items)}` : "";
    return type + items + (r.format ? ` (${r.format})` : "") + (r.enum && r.enum.length < 12 ? `: ${r.enum.join(", ")}` : "");
  };
  const table = rows => {
    const t = el("table");
    for (const [name, type, about] of rows) {
      const tr = el("tr");
      const td = el("td");
      td.append(el("code", name));
      tr.append(td, el("td", type), el("td", about || ""));
      t.append(tr);
    }
    return t;
  };
  const fields = schema => {
    const r = resolve(schema);
    const required = new Set(r.required || []);
    return Object.entries(r.properties || {}).map(([n, s]) => [
      n, typeOf(s) + (required.has(n) ? ", required" : "") + (s.readOnly ? ", read-only" : ""), resolve(s).description]);
  };
  const versions = Object.entries(doc.info["x-pulp-app-versions"]).map(([k, v]) => `${k} ${v}`).join(", ");
  document.getElementById("about").textContent = `${doc.info.description} ${versions}`;
  const tags = new Map();
  for (const [path, item] of Object.entries(doc.paths))
    for (const [method, op] of Object.entries(item)) {
      const tag = op.tags[0];
      if (!tags.has(tag)) tags.set(tag, []);
      tags.get(tag).push({ path, method, op });
    }
  const main = document.getElementById("tags");
  const found = [];
  for (const tag of [...tags.keys()].sort()) {
    const section = el("section");
    section.append(el("h2", tag));
    for (const { path, method, op } of tags.get(tag)) {
      const d = el("details");
      const s = el("summary");
      s.append(el("span", method.toUpperCase(), `method ${method}`), el("code", path), el("span", op.summary, "about"));
      d.append(s);
      const text = `${tag} ${method} ${path} ${op.operationId} ${op.summary}`.toLowerCase();
      d.addEventListener("toggle", () => {
        if (d.childElementCount > 1) return;
        d.append(el("h3", op.operationId), el("p", op.description));
        if (op.parameters.length) d.append(el("h3", "Parameters"), table(op.parameters.map(p => [p.name, `${p.in}: ${typeOf(p.schema)}`, p.description])));
        if (op.requestBody) {
          const [media, content] = Object.entries(op.requestBody.content)[0];
          d.append(el("h3", `Body (${media})`), table(fields(content.schema)));
        }
        for (const [code, answer] of Object.entries(op.responses)) {
          const r = answer.$ref ? doc.components.responses[answer.$ref.split("/").pop()] : answer;
          if (code >= "400") {
            d.append(el("p", `${code}: ${r.description}`));
            continue;
          }
          d.append(el("h3", `Answer ${code}`));
          const content = Object.values(r.content || {})[0];
          if (content) d.append(table(fields(content.schema)));
        }
      });
      section.append(d);
      found.push({ d, text, section });
    }
    main.append(section);
  }
  document.getElementById("search").addEventListener("input", e => {
    const words = e.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set();
    for (const { d, text, section } of found) {
      d.hidden = !words.every(w => text.includes(w));
      if (!d.hidden) shown.add(section);
    }
    for (const { section } of found) section.hidden = !shown.has(section);
  });
})();
