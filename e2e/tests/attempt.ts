// What a policy lets a page or a worker do. Runs there: it may use nothing of this file's.

/** Fetches an address that nobody answers, and says what the browser did: "blocked" by the policy, or tried and "failed". */
export const attempt = async (address: string): Promise<string> => {
  const blocked = new Promise<string>((resolve) => {
    const scope = globalThis as unknown as EventTarget;
    const target = typeof document === "undefined" ? scope : document;
    target.addEventListener("securitypolicyviolation", () => resolve("blocked"), { once: true });
  });
  const failed = fetch(address).then(
    () => "loaded",
    () => new Promise<string>((resolve) => setTimeout(resolve, 500, "failed")),
  );
  return Promise.race([blocked, failed]);
};
