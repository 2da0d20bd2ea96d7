// Colours source text. One regular expression a language; its groups are the classes in code.css.

const STRING = String.raw`"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'`;
const NUMBER = String.raw`\b\d[\d_]*(?:\.\d+)?\b`;
const PYTHON = String.raw`False|None|True|and|as|assert|async|await|break|case|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|match|nonlocal|not|or|pass|raise|return|try|type|while|with|yield`;

const LANGUAGES = {
  python: String.raw`(?<s>[rbfRBF]{0,2}(?:"""[^]*?"""|'''[^]*?'''|${STRING}))|(?<c>#.*)|(?<d>(?<=\b(?:def|class) +)\w+|(?<=^[ \t]*)@[\w.]+)|(?<k>\b(?:${PYTHON})\b)|(?<n>${NUMBER})`,
  toml: String.raw`(?<s>"""[^]*?"""|'''[^]*?'''|${STRING})|(?<c>#.*)|(?<h>^\s*\[.*\])|(?<d>^[\w."-]+(?=\s*=))|(?<k>\b(?:true|false)\b)|(?<n>${NUMBER})`,
  yaml: String.raw`(?<c>(?<=^|\s)#.*)|(?<s>${STRING})|(?<d>^[ \t-]*[\w./$-]+(?=:(?:\s|$)))|(?<k>\b(?:true|false|null)\b)|(?<n>${NUMBER})`,
  markdown: String.raw`(?<h>^#{1,6} .*)|(?<c>^\`\`\`[^]*?^\`\`\`)|(?<s>\`[^\`\n]+\`)|(?<k>\*\*[^*\n]+\*\*)|(?<d>\[[^\]\n]*\]\([^)\n]*\))`,
  settings: String.raw`(?<c>^\s*[#;].*)|(?<h>^\[.*\])|(?<d>^[\w.]+(?=\s*=))`,
  shell: String.raw`(?<c>(?<=^|\s)#.*)|(?<s>${STRING})|(?<k>^[A-Z]+(?= )|^[a-z-]+(?=.*:$))|(?<d>\$\{?\w+\}?)`,
  markup: String.raw`(?<c><!--[^]*?-->)|(?<s>${STRING})|(?<k></?[\w-]+|/?>)`,
};

const ENDINGS = {
  py: "python", mako: "python", toml: "toml", yaml: "yaml", yml: "yaml", md: "markdown",
  ini: "settings", example: "settings", editorconfig: "settings", conf: "settings", cfg: "settings",
  html: "markup", json: "yaml", Dockerfile: "shell", justfile: "shell", sh: "shell",
};

/** A fragment with the text, coloured by the ending of the path. */
export function highlighted(text, path) {
  const fragment = document.createDocumentFragment();
  const language = ENDINGS[path.split(/[./]/).at(-1)];
  if (!language) {
    fragment.append(text);
    return fragment;
  }
  let end = 0;
  for (const match of text.matchAll(new RegExp(LANGUAGES[language], "gm"))) {
    const [kind] = Object.entries(match.groups).find(([, found]) => found !== undefined);
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = match[0];
    fragment.append(text.slice(end, match.index), span);
    end = match.index + match[0].length;
  }
  fragment.append(text.slice(end));
  return fragment;
}
