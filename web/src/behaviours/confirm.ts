import { el } from "../dom";
import { t } from "../lang";

/**
 * A submit button with `data-confirm="question"` asks first; `data-confirm-yes` names the confirming
 * button and `data-confirm-no` the other, where "Cancel" would be read as the action itself.
 */
export function startConfirm(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-confirm]");
    if (!button || button.dataset.confirmed === "yes") return;
    event.preventDefault();
    const yes = button.dataset.confirmYes ?? t("Conferma", "Confirm");
    const no = button.dataset.confirmNo ?? t("Indietro", "Back");
    ask(button.dataset.confirm ?? "", yes, no, () => {
      button.dataset.confirmed = "yes";
      button.form?.requestSubmit(button);
      delete button.dataset.confirmed;
    });
  });
}

function ask(question: string, yes: string, no: string, then: () => void): void {
  const title = el("p", { id: "bz-dialog-text" }, question);
  const confirm = el("button", { type: "submit", class: "btn btn-primary", value: "yes" }, yes);
  const cancel = el("button", { type: "submit", class: "btn btn-outline-primary", value: "no", autofocus: true }, no);
  const form = el("form", { method: "dialog" }, title, el("div", { class: "bz-actions" }, confirm, cancel));
  const dialog = el("dialog", { class: "bz-dialog", "aria-labelledby": "bz-dialog-text" }, form);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue === "yes") then();
  });
  dialog.showModal();
}
