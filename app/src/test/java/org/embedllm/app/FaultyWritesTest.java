package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.embedllm.app.experiment.run.ResultCache;
import org.embedllm.app.quickstart.SampleFiles;
import org.embedllm.app.web.SampleSite;
import org.embedllm.storage.FaultyFiles.Fault;
import org.embedllm.storage.FaultyWriting;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.IntNode;

/// The program's writers of several files, see [FaultyWriting]: each file is the old or the new
/// one.
@Tag("seconds")
class FaultyWritesTest {
  /// Tried by a test of its own: it adds to a file.
  private static final Set<String> ADDING = Set.of("GrowingLines");

  /// Commands that write with [org.embedllm.storage.AtomicFile] alone, and what writes to a folder
  /// that nobody had before.
  private static final Set<String> COMMANDS =
      Set.of("Experiments", "QuickstartCommand", "ReportCommand", "GatewayDemo", "ManualPages");

  @TempDir Path folder;
  @TempDir Path cache;

  @ParameterizedTest
  @EnumSource
  void resultCache_isWholeAfterEveryFault(Fault fault) throws Exception {
    assertWhole(
        fault,
        1,
        (place, content) -> {
          ResultCache results = ResultCache.of(place, "all");
          results.put("a", IntNode.valueOf(content));
          results.put("a", FloatMatrix.wrap(1, 1, new float[] {content}));
        });
  }

  @ParameterizedTest
  @EnumSource
  void sample_isWholeAfterEveryFault(Fault fault) throws Exception {
    assertWhole(fault, 3, (place, content) -> SampleFiles.write(place, 2, content));
  }

  @ParameterizedTest
  @EnumSource
  void site_isWholeAfterEveryFault(Fault fault) throws Exception {
    try (SampleSite old = new SampleSite(cache.resolve("0"), "a", "b", "c");
        SampleSite fresh = new SampleSite(cache.resolve("1"), "x", "y", "z")) {
      assertWhole(fault, 61, (place, content) -> (content == 0 ? old : fresh).write(place));
    }
  }

  @Test
  void everyWriter_isTried() throws IOException {
    Set<String> tried = new TreeSet<>(Set.of("ResultCache", "SampleFiles", "StaticSite"));
    Stream.of(ADDING, COMMANDS).forEach(tried::addAll);
    assertThat(FaultyWriting.writersOf(Path.of("src", "main", "java"))).isEqualTo(tried);
  }

  private void assertWhole(Fault fault, int step, FaultyWriting.Writer writer) throws Exception {
    Path place = folder.resolve("place");
    new FaultyWriting(folder, fault)
        .assertWhole(place, step, false, FaultyWriting.files(place), writer);
  }
}
