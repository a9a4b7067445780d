package org.embedllm.factorization;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.Checksum;
import org.embedllm.tensor.Safetensors;

/// A checkpoint between two epochs: a safetensors file with every parameter, the moments of Adam,
/// and the reports so far. It is replaced atomically, so there is always a complete one.
final class Checkpoint {
  private static final String FORMAT = "embedllm-checkpoint-2"; // 1 had a checksum of arrays only
  private static final String REMEDY = "delete it to start again";
  private static final String REPORTS = "reports"; // [epochs done, 4]: doubles as their bits

  private final Path file;
  private final String digest;

  /// @param file of the checkpoint
  /// @param digest of data and options ([TrainingDigest]): only the same training may continue
  Checkpoint(Path file, String digest) {
    this.file = file;
    this.digest = digest;
  }

  /// Writes the state after the epochs that were reported.
  void write(TrainingState state, List<EpochReport> reports) {
    Checksum.Writer writer = new Checksum.Writer();
    writer.metadata("format", FORMAT);
    writer.metadata("digest", digest);
    writer.metadata("step", Long.toString(state.step));
    state.arrays().forEach((name, values) -> writer.floats(name, values, values.length));
    writer.longs(REPORTS, bits(reports), reports.size(), 4);
    try {
      writer.write(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the checkpoint " + file, e);
    }
  }

  /// Restores the state, if there is a checkpoint.
  ///
  /// @param state overwritten
  /// @param epochs total number of epochs
  /// @return the reports so far; none where there is no checkpoint
  /// @throws BadInputException when it belongs to another training or is damaged
  List<EpochReport> restore(TrainingState state, int epochs) {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      Safetensors saved = Safetensors.open(file);
      Map<String, String> metadata = saved.metadata();
      if (!FORMAT.equals(metadata.get("format"))) {
        throw BadInputException.in(
            file, "is no checkpoint of this version of the program; delete or move it");
      }
      if (!digest.equals(metadata.get("digest"))) {
        throw BadInputException.in(
            file,
            "belongs to a training with other data or options; delete it to start again, or train"
                + " with the same ones to go on");
      }
      Checksum.verify(saved, REMEDY);
      for (var entry : state.arrays().entrySet()) {
        float[] values = saved.floats(entry.getKey());
        if (values.length != entry.getValue().length) {
          throw damaged(entry.getKey() + " has another size");
        }
        System.arraycopy(values, 0, entry.getValue(), 0, values.length);
      }
      state.step = Long.parseLong(metadata.getOrDefault("step", ""));
      long[] reports = saved.longs(REPORTS);
      if (reports.length % 4 != 0 || reports.length / 4 > epochs || state.step < 0) {
        throw damaged("its epochs do not fit the training");
      }
      return reports(reports, epochs);
    } catch (NumberFormatException e) {
      throw damaged("its number of steps is no number");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the checkpoint " + file, e);
    }
  }

  private BadInputException damaged(String how) {
    return BadInputException.in(file, "is damaged: " + how + "; " + REMEDY);
  }

  private static long[] bits(List<EpochReport> reports) {
    long[] bits = new long[4 * reports.size()];
    for (int i = 0; i < reports.size(); i++) {
      EpochReport report = reports.get(i);
      bits[4 * i] = Double.doubleToRawLongBits(report.trainLoss());
      bits[4 * i + 1] = bits(report.validationAccuracy());
      bits[4 * i + 2] = bits(report.validationLogLoss());
      bits[4 * i + 3] = Double.doubleToRawLongBits(report.seconds());
    }
    return bits;
  }

  private static List<EpochReport> reports(long[] bits, int epochs) {
    List<EpochReport> reports = new ArrayList<>();
    for (int i = 0; i < bits.length / 4; i++) {
      reports.add(
          new EpochReport(
              i + 1,
              epochs,
              Double.longBitsToDouble(bits[4 * i]),
              value(bits[4 * i + 1]),
              value(bits[4 * i + 2]),
              Double.longBitsToDouble(bits[4 * i + 3])));
    }
    return reports;
  }

  /// NaN means empty.
  private static long bits(OptionalDouble value) {
    return Double.doubleToRawLongBits(value.orElse(Double.NaN));
  }

  private static OptionalDouble value(long bits) {
    double value = Double.longBitsToDouble(bits);
    return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
