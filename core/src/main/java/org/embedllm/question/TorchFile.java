package org.embedllm.question;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// What `torch.save` writes since torch 1.6: a zip file with `NAME/data.pkl`, the values of each
/// storage in `NAME/data/KEY`, and the byte order in `NAME/byteorder`.
final class TorchFile {
  private static final int MAX_PICKLE = 16 << 20;

  private TorchFile() {}

  /// The one matrix of floats in the file: a tensor, or the only one in a dictionary.
  static FloatMatrix read(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry pickle = pickle(file, zip);
      String folder = pickle.getName().substring(0, pickle.getName().length() - 8);
      byte[] bytes;
      try (InputStream in = zip.getInputStream(pickle)) {
        bytes = in.readNBytes(MAX_PICKLE + 1);
      }
      TensorPickle.Tensor tensor = matrix(file, TensorPickle.tensors(file, bytes));
      return values(file, zip, folder, tensor);
    } catch (ZipException e) {
      throw BadInputException.in(
          file,
          "is no zip file as torch.save writes it since version 1.6; load and save it again, or"
              + " bring .npy or .safetensors",
          e);
    }
  }

  private static ZipEntry pickle(Path file, ZipFile zip) {
    List<ZipEntry> found = new ArrayList<>();
    for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().<ZipEntry>map(e -> e)::iterator) {
      if (entry.getName().matches("[^/]+/data\\.pkl")) {
        found.add(entry);
      }
    }
    if (found.size() != 1) {
      throw BadInputException.in(file, "has no NAME/data.pkl; torch.save did not write it");
    }
    return found.getFirst();
  }

  private static TensorPickle.Tensor matrix(Path file, Map<String, TensorPickle.Tensor> tensors) {
    List<TensorPickle.Tensor> matrices =
        tensors.values().stream().filter(t -> t.shape().size() == 2).toList();
    if (matrices.size() != 1) {
      throw BadInputException.in(
          file,
          "must hold one matrix of floats, alone or in a dictionary; it has %d matrices among %s"
              .formatted(matrices.size(), tensors.keySet()));
    }
    return matrices.getFirst();
  }

  private static FloatMatrix values(
      Path file, ZipFile zip, String folder, TensorPickle.Tensor tensor) throws IOException {
    TensorPickle.Storage storage = tensor.storage();
    String name = folder + "data/" + storage.key();
    ZipEntry entry = zip.getEntry(name);
    if (entry == null || entry.getMethod() != ZipEntry.STORED) {
      throw BadInputException.in(file, "has no uncompressed entry " + name);
    }
    long rows = tensor.shape().getFirst();
    long columns = tensor.shape().getLast();
    boolean byRow = tensor.strides().equals(List.of(columns, 1L));
    boolean byColumn = tensor.strides().equals(List.of(1L, rows));
    if (!byRow && !byColumn) {
      throw BadInputException.in(
          file,
          "holds a view with strides %s; save a contiguous tensor".formatted(tensor.strides()));
    }
    int width = storage.format().bytes();
    long skipped =
        tensor.offset() > entry.getSize() / width ? entry.getSize() : tensor.offset() * width;
    BinaryRows layout =
        BinaryRows.checked(
            file,
            rows,
            columns,
            storage.format(),
            order(zip, folder),
            !byRow,
            entry.getSize() - skipped);
    try (InputStream in = new BufferedInputStream(zip.getInputStream(entry))) {
      in.skipNBytes(skipped);
      return layout.read(file, in);
    }
  }

  private static ByteOrder order(ZipFile zip, String folder) throws IOException {
    ZipEntry entry = zip.getEntry(folder + "byteorder");
    if (entry == null) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    try (InputStream in = zip.getInputStream(entry)) {
      String name = new String(in.readNBytes(16), StandardCharsets.US_ASCII);
      return name.strip().toLowerCase(Locale.ROOT).equals("big")
          ? ByteOrder.BIG_ENDIAN
          : ByteOrder.LITTLE_ENDIAN;
    }
  }
}
