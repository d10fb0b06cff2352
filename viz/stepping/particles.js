// Korean particles by the sound before them, as autograd/particles.py has it.
const particled = text => text.replace(/([)\]}'"’”]*)\((은|이|을|과|으로)\/(는|가|를|와|로)\)/g,
  (_, end, closed, open, at) => {
    const final = finalOf(text.slice(0, at));
    return end + (final && (final !== "ㄹ" || closed !== "으로") ? closed : open);
  });

// The consonant with which a word ends as it is read: "ㄹ", another, or none.
function finalOf(word) {
  const last = word.slice(-1).replace(/[₀-₉]/, digit => digit.charCodeAt() - 0x2080);
  if (/[가-힣]/.test(last)) {
    const place = (last.charCodeAt() - 0xac00) % 28;
    return place === 8 ? "ㄹ" : place;
  }
  if (/\d/.test(last)) return /[178]/.test(last) ? "ㄹ" : /[036]/.test(last);
  if (/[a-z][ -~]$/i.test(word)) {
    const [sound] = /[a-z](?:[lmn]e?|ng)$/i.exec(word) || [""];
    return /.l/i.test(sound) ? "ㄹ" : sound;
  }
  return /[lr]/i.test(last) ? "ㄹ" : /[mnευο⁰¹²³⁴-⁹′]/i.test(last);
}
