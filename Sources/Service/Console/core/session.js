import { get, post, put, remove, setCSRF } from "./api.js";

let current = null;

export const session = () => current;
export const can = (...roles) => current !== null && (current.role === "administrator" || roles.includes(current.role));

function take(answer) {
  current = answer;
  setCSRF(answer?.csrf ?? null);
  return answer;
}

/** Who am I; null where nobody is logged in. */
export async function whoAmI() {
  try {
    return take(await get("session"));
  } catch (error) {
    if (error.status === 401) return take(null);
    throw error;
  }
}

export const logIn = async (name, password) => take(await post("session", { name, password }));

export async function logOut() {
  // Nothing asks for anything any more, while the token still goes with the farewell.
  current = null;
  await remove("session").catch(() => null);
  take(null);
}

export const forget = () => take(null);

export async function changePassword(old, next) {
  await put("session/password", { old, new: next });
  return whoAmI();
}
