// Withdrawing one's signature: asks first, and takes the passkey too.
export function watchWithdrawing(go) {
  const dialog = document.getElementById("withdraw");
  document.getElementById("withdraw-go")?.addEventListener("click", () => {
    dialog.close();
    go();
  });
}
