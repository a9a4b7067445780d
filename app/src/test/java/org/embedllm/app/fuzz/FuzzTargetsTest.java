package org.embedllm.app.fuzz;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Readers of bytes, given the corpus and random faults in it: a result, or an error for the user.
/// Anything else that a reader throws fails the test and shows the bytes.
@Tag("fuzz")
class FuzzTargetsTest {
  static Stream<FuzzTarget> targets() {
    return FuzzTargets.all().stream();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void reader_ofInputsWithFaults_givesAResultOrAnErrorForTheUser(
      FuzzTarget target, @TempDir Path folder) throws IOException {
    List<byte[]> inputs = Corpus.of(target);
    SplittableRandom random = new SplittableRandom(target.name().hashCode());

    for (byte[] input : inputs) {
      assertThatCode(() -> target.run(folder, input)).doesNotThrowAnyException();
    }
    for (int round = 0; round < target.faulty(); round++) {
      byte[] mutated = Mutations.of(inputs.get(random.nextInt(inputs.size())), random);
      assertThatCode(() -> target.run(folder, mutated)).doesNotThrowAnyException();
    }
  }
}
