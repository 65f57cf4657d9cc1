// Rejecting takes a reason, and the passkey too.
export function watchRejecting(go) {
  const dialog = document.getElementById("reject");
  if (!dialog) return;
  const words = document.getElementById("reject-words");
  document.getElementById("reject-open")?.addEventListener("click", () => {
    dialog.showModal();
    words.focus();
  });
  document.getElementById("reject-go").addEventListener("click", () => {
    const text = words.value.trim();
    document.getElementById("reject-missing").hidden = text.length >= 8;
    if (text.length < 8) return words.focus();
    dialog.close();
    go(`${dialog.querySelector("input[name=reason]:checked").value}. ${text}`);
  });
}
