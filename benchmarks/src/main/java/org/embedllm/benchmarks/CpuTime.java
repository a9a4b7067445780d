package org.embedllm.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.factorization.EpochReport;
import org.embedllm.factorization.TrainingListener;

/// Processor time of the whole process in each epoch: a measure that other programs on the machine
/// disturb less than the clock.
final class CpuTime implements TrainingListener {
  private final List<Double> seconds = new ArrayList<>();
  private double last = now();

  @Override
  public void epochDone(EpochReport report) {
    double now = now();
    seconds.add(now - last);
    last = now;
  }

  double median() {
    return seconds.stream().sorted().skip(seconds.size() / 2).findFirst().orElse(Double.NaN);
  }

  private static double now() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() * 1e-9
        : Double.NaN;
  }
}
