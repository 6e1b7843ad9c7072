/** The exact words of the API that more than one page needs. */

export const TYPES = ["illegal-parking", "street-vending", "bin-overflow"];

/** Why a warning is none, in the order of the keys 1–9. */
export const REASONS = ["not-standing-long-enough", "loading-or-boarding", "queue-in-traffic", "permitted-place-or-time", "vendor-moving-on", "shops-own-goods", "bin-not-full", "wrong-object", "bad-picture"];
