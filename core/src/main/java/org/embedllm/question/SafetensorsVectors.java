package org.embedllm.question;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;
import org.embedllm.tensor.Safetensors.TensorEntry;

/// The one matrix of floats in a safetensors file, or the one called `vectors`, `embeddings` or
/// `weight`.
final class SafetensorsVectors {
  private SafetensorsVectors() {}

  static FloatMatrix read(Path file) throws IOException {
    Safetensors tensors = Safetensors.open(file);
    Map.Entry<String, TensorEntry> chosen = choose(file, tensors);
    TensorEntry entry = chosen.getValue();
    ElementFormat format = ElementFormat.ofSafetensors(entry.type().name()).orElseThrow();
    BinaryRows rows =
        BinaryRows.checked(
            file,
            entry.shape().getFirst(),
            entry.shape().getLast(),
            format,
            ByteOrder.LITTLE_ENDIAN,
            false,
            entry.elements() * format.bytes());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      InputStream in = Channels.newInputStream(channel.position(entry.position()));
      return rows.read(file, in);
    }
  }

  private static Map.Entry<String, TensorEntry> choose(Path file, Safetensors tensors) {
    List<Map.Entry<String, TensorEntry>> matrices = new ArrayList<>();
    for (var tensor : tensors.tensors().entrySet()) {
      TensorEntry entry = tensor.getValue();
      if (entry.shape().size() == 2
          && ElementFormat.ofSafetensors(entry.type().name()).isPresent()) {
        matrices.add(tensor);
      }
    }
    for (String usual : List.of("vectors", "embeddings", "weight")) {
      for (var matrix : matrices) {
        if (matrix.getKey().equals(usual)) {
          return matrix;
        }
      }
    }
    if (matrices.size() != 1) {
      throw BadInputException.in(
          file,
          "must hold one matrix of floats, or one called vectors, embeddings or weight; it has "
              + tensors.tensors().keySet());
    }
    return matrices.getFirst();
  }
}
