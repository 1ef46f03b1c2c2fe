// Runs before the first paint: styles may rely on `.js` to fold what a script can unfold.
document.documentElement.classList.add("js");
