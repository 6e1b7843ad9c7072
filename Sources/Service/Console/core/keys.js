/**
 * Keys of a page, read by their place on the keyboard (`event.code`), so that no input method and no layout takes them.
 *
 * `bindings`: code → handler. Nothing happens while a dialog is open, in a field, with Ctrl, Alt or Meta, or on auto-repeat
 * unless the handler's `repeats` is set.
 */
export function bindKeys(signal, bindings) {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (document.querySelector("dialog[open]")) return;
    const target = event.target;
    if (target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT|VIDEO)$/.test(target.tagName))) return;
    // A choice that was made keeps the focus; only the keys that it uses itself are its own.
    if (target instanceof HTMLInputElement && (!/^(radio|checkbox|range)$/.test(target.type) || /^(Space|Arrow.*)$/.test(event.code))) return;
    // Space presses the control that the keyboard has chosen; a control that the mouse left focused does not keep it.
    if (event.code === "Space" && target instanceof Element && target.matches("button:focus-visible, a:focus-visible, summary:focus-visible")) return;
    const code = event.code.replace(/^Numpad(\d)$/, "Digit$1");
    const handler = bindings[(event.shiftKey ? "Shift+" : "") + code] ?? (event.shiftKey ? null : bindings[code]);
    if (!handler || (event.repeat && !handler.repeats)) return;
    event.preventDefault();
    handler(event);
  }, { signal });
}

/** Marks a handler that may fire again while the key is held. */
export function repeating(handler) {
  handler.repeats = true;
  return handler;
}
