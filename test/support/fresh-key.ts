/** Keys that no earlier run has used, a thousand of them. */
export const freshKey = (): number => (Math.floor(Date.now() / 100) % 4_000_000) * 1000 + 1000;
