package org.embedllm.app.cli;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// A bar that is drawn over itself, with the time it took and what is left, for a terminal.
final class BarProgress implements Progress {
  private final ProgressBar bar;

  BarProgress(String task, long total, String unit) {
    this.bar =
        new ProgressBarBuilder()
            .setTaskName(Terminal.shown(task))
            .setInitialMax(total > 0 ? total : -1)
            .setUnit(" " + unit, 1)
            .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
            .setUpdateIntervalMillis(200)
            .build();
  }

  @Override
  public void advanceTo(long done) {
    bar.stepTo(done);
  }

  @Override
  public void detail(String detail) {
    bar.setExtraMessage(" " + Terminal.shown(detail));
  }

  @Override
  public void close() {
    bar.close();
  }
}
