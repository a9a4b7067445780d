package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.embedllm.storage.FaultyFiles.Fault;
import org.embedllm.storage.FaultyWriting;
import org.embedllm.storage.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeptFileTest {
  @TempDir private Path folder;

  private Path made() throws IOException {
    Path file = Files.writeString(folder.resolve("weights.bin"), "weights");
    KeptFile.record(file);
    return file;
  }

  private static void touch(Path file) throws IOException {
    FileTime time = Files.getLastModifiedTime(file);
    Files.setLastModifiedTime(file, FileTime.from(time.toInstant().plusNanos(1)));
  }

  @Test
  void file_asItWasMade_isUnaltered() throws IOException {
    assertThat(KeptFile.isUnaltered(made())).isTrue();
    assertThat(KeptFile.isUnaltered(folder.resolve("absent"))).isFalse();
    assertThat(KeptFile.isUnaltered(Files.writeString(folder.resolve("unknown"), "x"))).isFalse();
  }

  @Test
  void file_ofTheSameBytesAndAnotherTime_isUnaltered_andReadOnce() throws IOException {
    Path file = made();
    String before = Files.readString(folder.resolve("weights.bin.record"));
    touch(file);
    assertThat(KeptFile.isUnaltered(file)).isTrue();
    assertThat(folder.resolve("weights.bin.record")).content().isNotEqualTo(before);
  }

  @Test
  void file_ofOtherBytes_isAltered() throws IOException {
    Path file = made();
    Files.writeString(file, "weighty");
    touch(file);
    assertThat(KeptFile.isUnaltered(file)).isFalse();
    Files.writeString(file, "weights and more");
    assertThat(KeptFile.isUnaltered(file)).isFalse();
  }

  @Test
  void record_thatIsDamaged_countsAsNone() throws IOException {
    Path file = made();
    Files.writeString(folder.resolve("weights.bin.record"), "7");
    assertThat(KeptFile.isUnaltered(file)).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void record_isWholeAfterEveryFault(Fault fault) throws Exception {
    Path file = folder.resolve("weights.bin");
    Path record = folder.resolve("weights.bin.record");
    new FaultyWriting(folder, fault)
        .assertWhole(
            file,
            1,
            true,
            () -> Map.of("record", Sha256.of(record)),
            (place, content) -> {
              Files.writeString(file, "weights " + content);
              Files.setLastModifiedTime(file, FileTime.fromMillis(content));
              KeptFile.record(place);
            });
  }
}
