"use strict";
(() => {
  const tip = document.getElementById("tip");
  const REACH = 26;
  let lit = null;

  const hide = () => {
    tip.hidden = true;
    if (lit) lit.classList.remove("on");
    lit = null;
  };

  for (const mark of document.querySelectorAll(".chart .m")) {
    const title = mark.querySelector("title");
    if (title) {
      mark.dataset.tip = title.textContent;
      title.remove();
    }
  }

  const show = (chart, x, y) => {
    let best = null;
    let least = REACH * REACH;
    for (const mark of chart.querySelectorAll(".m:not(.off)")) {
      const box = mark.getBoundingClientRect();
      const dx = Math.max(box.left - x, 0, x - box.right);
      const dy = Math.max(box.top - y, 0, y - box.bottom);
      const center = Math.hypot(x - box.left - box.width / 2, y - box.top - box.height / 2);
      const distance = dx * dx + dy * dy + center * 0.01;
      if (distance < least) {
        least = distance;
        best = mark;
      }
    }
    if (!best) return hide();
    if (lit && lit !== best) lit.classList.remove("on");
    lit = best;
    best.classList.add("on");
    tip.textContent = best.dataset.tip;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - box.width - 4)) + "px";
    tip.style.top = (y + 18 + box.height > innerHeight ? y - box.height - 12 : y + 18) + "px";
  };

  for (const chart of document.querySelectorAll(".chart")) {
    chart.addEventListener("pointermove", e => show(chart, e.clientX, e.clientY));
    chart.addEventListener("pointerdown", e => show(chart, e.clientX, e.clientY));
    chart.addEventListener("pointerleave", hide);
    for (const key of chart.querySelectorAll(".k")) {
      const toggle = () => {
        const off = key.classList.toggle("off");
        key.setAttribute("aria-pressed", String(off));
        for (const part of chart.querySelectorAll(`[data-s="${key.dataset.s}"]:not(.k)`)) {
          if (!key.contains(part)) part.classList.toggle("off", off);
        }
      };
      key.addEventListener("click", toggle);
      key.addEventListener("keydown", e => {
        if (e.key === "Enter" || e.key === " ") {
          e.preventDefault();
          toggle();
        }
      });
    }
  }
  addEventListener("scroll", hide, {passive: true});

  for (const table of document.querySelectorAll("table")) {
    const heads = [...table.querySelectorAll("th")];
    heads.forEach((head, column) => head.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach(h => h.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = row => {
        const cell = row.cells[column];
        return cell.dataset.v === undefined ? cell.textContent : cell.dataset.v === "" ? -Infinity : +cell.dataset.v;
      };
      const body = table.tBodies[0];
      const rows = [...body.rows].sort((a, b) => {
        const x = value(a);
        const y = value(b);
        const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
        return up ? order : -order;
      });
      body.append(...rows);
    }));
  }

  // A table that goes on to the right fades there.
  for (const box of document.querySelectorAll(".scroll")) {
    const mark = () => box.classList.toggle("more", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
    box.addEventListener("scroll", mark, { passive: true });
    new ResizeObserver(mark).observe(box);
  }
})();
