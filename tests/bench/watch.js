// Runs in the page that is measured: notes when a finger or a key came, and when what it asked for showed.

globalThis.watch = (() => {
  let touched = 0;
  for (const name of ["pointerdown", "keydown"]) {
    addEventListener(name, (event) => { touched = event.timeStamp; }, { capture: true });
  }

  const facts = {
    // Something of the page can be seen: its picture or itself.
    picture: (page) => page.matches("[data-pictured], [data-state='sharp']"),
    sharp: (page) => page.matches("[data-state='sharp']"),
  };

  function pageInMiddle() {
    const middle = innerHeight / 2;
    return [...document.querySelectorAll(".pdf-page")].find((page) => {
      const { top, bottom, right } = page.getBoundingClientRect();
      return top <= middle && bottom >= middle && right > 0;
    });
  }

  const shown = (page) => Number(/\d+/.exec(page.getAttribute("aria-label"))?.[0] ?? 0);

  // Called in a frame it resolves when that frame has been handed on to be shown.
  const painted = () => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now());
    port2.postMessage(0);
  });

  return {
    forget() { touched = 0; },

    // Milliseconds from the touch to each fact about the page `number` (0: whichever), in the order given.
    async until(names, number = 0, limit = 15000) {
      const ends = performance.now() + limit;
      const times = {};
      while (Object.keys(times).length < names.length) {
        await new Promise(requestAnimationFrame);
        if (performance.now() > ends) throw new Error(`page ${number}: ${JSON.stringify(times)} only`);
        const page = pageInMiddle();
        if (!touched || !page || (number && shown(page) !== number)) continue;
        for (const name of names) {
          if (!(name in times) && facts[name](page)) times[name] = (await painted()) - touched;
        }
      }
      return times;
    },

    // Scrolls on as a finger does that does not stop, so many steps at most; true at the end.
    async scrollOn(step, pause, most) {
      const pane = document.querySelector(".pane");
      const isAtEnd = () => pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 2;
      for (let n = 0; n < most && !isAtEnd(); n += 1) {
        pane.scrollTop += step;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
      return isAtEnd();
    },
  };
})();
