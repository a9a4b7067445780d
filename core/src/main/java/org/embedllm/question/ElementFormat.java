package org.embedllm.question;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;

/// How a file stores the values of a vector. All are read as float32.
enum ElementFormat {
  FLOAT16(2) {
    @Override
    float read(ByteBuffer from) {
      return Float.float16ToFloat(from.getShort());
    }
  },
  BFLOAT16(2) {
    @Override
    float read(ByteBuffer from) {
      return Float.intBitsToFloat(from.getShort() << 16);
    }
  },
  FLOAT32(4) {
    @Override
    float read(ByteBuffer from) {
      return from.getFloat();
    }
  },
  FLOAT64(8) {
    @Override
    float read(ByteBuffer from) {
      return (float) from.getDouble();
    }
  };

  private final int bytes;

  ElementFormat(int bytes) {
    this.bytes = bytes;
  }

  /// Bytes of one value.
  int bytes() {
    return bytes;
  }

  /// The next value.
  abstract float read(ByteBuffer from);

  /// By the name safetensors gives it.
  static Optional<ElementFormat> ofSafetensors(String name) {
    return switch (name) {
      case "F16" -> Optional.of(FLOAT16);
      case "BF16" -> Optional.of(BFLOAT16);
      case "F32" -> Optional.of(FLOAT32);
      case "F64" -> Optional.of(FLOAT64);
      default -> Optional.empty();
    };
  }

  /// By the name of torch's storage class.
  static Optional<ElementFormat> ofTorch(String storage) {
    return switch (storage) {
      case "HalfStorage" -> Optional.of(FLOAT16);
      case "BFloat16Storage" -> Optional.of(BFLOAT16);
      case "FloatStorage" -> Optional.of(FLOAT32);
      case "DoubleStorage" -> Optional.of(FLOAT64);
      default -> Optional.empty();
    };
  }

  /// By numpy's kind and size, such as `f4`.
  static Optional<ElementFormat> ofNumpy(String kind) {
    return switch (kind.toLowerCase(Locale.ROOT)) {
      case "f2" -> Optional.of(FLOAT16);
      case "f4" -> Optional.of(FLOAT32);
      case "f8" -> Optional.of(FLOAT64);
      default -> Optional.empty();
    };
  }
}
