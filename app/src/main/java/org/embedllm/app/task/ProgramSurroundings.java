package org.embedllm.app.task;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Progress;
import org.embedllm.artifact.VectorSource;
import org.embedllm.client.PoolAddition;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;

/// The program around an addition to a pool: stored vectors, its encoders, and the console. Safe
/// for use by several threads.
public final class ProgramSurroundings implements PoolAddition.Surroundings, AutoCloseable {
  private final EncoderIdentity encoder;
  private final Optional<String> place;
  private final Console console;
  private final Map<String, Progress> steps = new HashMap<>(); // by name; guarded by this

  /// @param encoder of the model file
  /// @param place where it is now; empty where it has not moved
  public ProgramSurroundings(EncoderIdentity encoder, Optional<String> place, Console console) {
    this.encoder = encoder;
    this.place = place;
    this.console = console;
  }

  @Override
  public VectorSource vectors(Optional<Path> directory) {
    return questions ->
        new DatasetVectors(directory, console).withEncoderAt(place).of(questions, encoder);
  }

  @Override
  public QuestionEncoder sentences() {
    return Encoders.open(encoder.sentenceEncoder(), EncoderSettings.of(System.getenv()));
  }

  @Override
  public void warn(String text) {
    console.warn("%s", text);
  }

  @Override
  public void added(int done, int total) {
    show("add", done, total, "models");
  }

  @Override
  public void encoded(int done, int total) {
    show("outputs", done, total, "texts");
  }

  private synchronized void show(String name, int done, int total, String unit) {
    steps.computeIfAbsent(name, step -> console.progress(step, total, unit)).advanceTo(done);
    if (done == total) {
      close();
    }
  }

  @Override
  public synchronized void close() {
    steps.values().forEach(Progress::close);
    steps.clear();
  }
}
