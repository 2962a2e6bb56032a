// @ts-check
// Runs before the first paint, as a classic script in <head>, so that no page flashes in the wrong appearance.
(() => {
    const root = document.documentElement;
    let appearance = "standard";
    try {
        const saved = JSON.parse(localStorage.getItem("parley.appearance") ?? "null");
        if (saved === "dark" || saved === "bright") appearance = saved;
    } catch {
        // Storage is closed to us: the default it is.
    }
    root.dataset["appearance"] = appearance;
})();
