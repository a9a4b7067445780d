package org.embedllm.question;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.storage.BadInputException;

/// The pickle inside a torch file, read by a stack machine that knows only tensors and containers.
///
/// A pickle is a program for a stack machine that may call any function by name. This machine has
/// the opcodes torch writes and the names `torch._utils._rebuild_tensor_v2`,
/// `collections.OrderedDict` and the float storages of `torch`; anything else is refused.
final class TensorPickle {
  private static final int MAX_BYTES = 16 << 20;
  private static final int MAX_TEXT = 1 << 16;

  private final Path file;
  private final ByteBuffer in;
  private final Deque<Object> stack = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  /// A function or class by name.
  private record Global(String module, String name) {}

  /// Values in an entry of the zip file.
  ///
  /// @param key the entry `data/KEY`
  /// @param elements number of values the pickle claims
  record Storage(ElementFormat format, String key, long elements) {}

  /// A view of a storage.
  ///
  /// @param offset first value
  record Tensor(Storage storage, long offset, List<Long> shape, List<Long> strides) {}

  private enum Sign {
    MARK,
    NONE
  }

  private TensorPickle(Path file, byte[] pickle) {
    this.file = file;
    this.in = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// The tensors of a file by name; a tensor that is not in a dictionary has the name "".
  ///
  /// @throws BadInputException when the pickle asks for anything but tensors, or is damaged
  static Map<String, Tensor> tensors(Path file, byte[] pickle) {
    if (pickle.length > MAX_BYTES) {
      throw BadInputException.in(file, "has a pickle of " + pickle.length + " bytes; too large");
    }
    TensorPickle machine = new TensorPickle(file, pickle);
    Object result;
    try {
      result = machine.run();
    } catch (BufferUnderflowException e) {
      throw BadInputException.in(file, "has a pickle that ends too early", e);
    }
    Map<String, Tensor> found = new LinkedHashMap<>();
    if (result instanceof Tensor tensor) {
      found.put("", tensor);
    } else if (result instanceof Map<?, ?> map) {
      for (var entry : map.entrySet()) {
        if (entry.getKey() instanceof String name && entry.getValue() instanceof Tensor tensor) {
          found.put(name, tensor);
        }
      }
    }
    return found;
  }

  private Object run() {
    while (true) {
      int opcode = Byte.toUnsignedInt(in.get());
      if (opcode == '.') {
        return pop();
      }
      if (!constant(opcode) && !container(opcode) && !memory(opcode)) {
        switch (opcode) {
          case 0x80 -> in.get(); // PROTO
          case 0x95 -> in.getLong(); // FRAME
          case 'c' -> stack.push(global(line(), line()));
          case 0x93 -> { // STACK_GLOBAL
            String name = text(pop());
            stack.push(global(text(pop()), name));
          }
          case 'Q' -> stack.push(storage(pop())); // BINPERSID
          case 'R' -> reduce();
          case 'b' -> build();
          default ->
              throw refused("the pickle operation 0x%02x, which no tensor needs".formatted(opcode));
        }
      }
    }
  }

  private boolean constant(int opcode) {
    switch (opcode) {
      case '(' -> stack.push(Sign.MARK);
      case 'N' -> stack.push(Sign.NONE);
      case 0x88 -> stack.push(true);
      case 0x89 -> stack.push(false);
      case 'J' -> stack.push((long) in.getInt());
      case 'K' -> stack.push((long) Byte.toUnsignedInt(in.get()));
      case 'M' -> stack.push((long) Short.toUnsignedInt(in.getShort()));
      case 0x8a -> stack.push(longOf(Byte.toUnsignedInt(in.get())));
      case 'G' -> stack.push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
      case 'X' -> stack.push(characters(Integer.toUnsignedLong(in.getInt())));
      case 0x8c -> stack.push(characters(Byte.toUnsignedInt(in.get())));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean container(int opcode) {
    switch (opcode) {
      case ')' -> stack.push(List.of());
      case ']' -> stack.push(new ArrayList<Object>());
      case '}' -> stack.push(new LinkedHashMap<Object, Object>());
      case 't' -> stack.push(sinceMark());
      case 0x85 -> stack.push(last(1));
      case 0x86 -> stack.push(last(2));
      case 0x87 -> stack.push(last(3));
      case 'a' -> append(last(1));
      case 'e' -> append(sinceMark());
      case 's' -> setItems(last(2));
      case 'u' -> setItems(sinceMark());
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean memory(int opcode) {
    switch (opcode) {
      case 'q' -> memo.put(Byte.toUnsignedInt(in.get()), top());
      case 'r' -> memo.put(in.getInt(), top());
      case 0x94 -> memo.put(memo.size(), top());
      case 'h' -> stack.push(remembered(Byte.toUnsignedInt(in.get())));
      case 'j' -> stack.push(remembered(in.getInt()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private Global global(String module, String name) {
    boolean known =
        switch (module) {
          case "torch._utils" -> name.equals("_rebuild_tensor_v2");
          case "collections" -> name.equals("OrderedDict");
          case "torch" -> ElementFormat.ofTorch(name).isPresent();
          default -> false;
        };
    if (!known) {
      throw refused("%.80s.%.80s".formatted(module, name));
    }
    return new Global(module, name);
  }

  private BadInputException refused(String what) {
    return BadInputException.in(
        file,
        ("asks for %s; only tensors of float values are read from a torch file and nothing in it is"
                + " run: save the plain tensor, or bring .npy or .safetensors")
            .formatted(what));
  }

  private Storage storage(Object id) {
    if (id instanceof List<?> parts
        && parts.size() >= 5
        && "storage".equals(parts.get(0))
        && parts.get(1) instanceof Global(String module, String name)
        && module.equals("torch")
        && parts.get(2) instanceof String key
        && parts.get(4) instanceof Long elements) {
      return new Storage(ElementFormat.ofTorch(name).orElseThrow(), key, elements);
    }
    throw damaged("a storage that is none");
  }

  private void reduce() {
    Object arguments = pop();
    if (!(pop() instanceof Global global) || !(arguments instanceof List<?> list)) {
      throw damaged("a call of something that is no function");
    }
    if (global.name().equals("OrderedDict") && list.isEmpty()) {
      stack.push(new LinkedHashMap<Object, Object>());
    } else if (global.name().equals("_rebuild_tensor_v2")
        && list.size() >= 4
        && list.get(0) instanceof Storage storage
        && list.get(1) instanceof Long offset) {
      stack.push(new Tensor(storage, offset, longs(list.get(2)), longs(list.get(3))));
    } else {
      throw damaged("a call with arguments that do not fit");
    }
  }

  /// Attributes of a dictionary, such as a state dictionary's versions, are dropped.
  private void build() {
    pop();
    if (!(top() instanceof Map<?, ?>)) {
      throw refused("attributes on something that is no dictionary");
    }
  }

  private List<Long> longs(Object value) {
    List<Long> numbers = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object element : list) {
        if (element instanceof Long number && number >= 0) {
          numbers.add(number);
        } else {
          throw damaged("a shape that is none");
        }
      }
    }
    return List.copyOf(numbers);
  }

  private void append(List<Object> values) {
    if (top() instanceof ArrayList<?>) {
      @SuppressWarnings("unchecked") // lists are made by this machine only
      List<Object> list = (List<Object>) top();
      list.addAll(values);
    } else {
      throw damaged("an element for something that is no list");
    }
  }

  private void setItems(List<Object> pairs) {
    if (!(top() instanceof LinkedHashMap<?, ?>) || pairs.size() % 2 != 0) {
      throw damaged("an entry for something that is no dictionary");
    }
    @SuppressWarnings("unchecked") // dictionaries are made by this machine only
    Map<Object, Object> map = (Map<Object, Object>) top();
    for (int i = 0; i < pairs.size(); i += 2) {
      if (!(pairs.get(i) instanceof String || pairs.get(i) instanceof Long)) {
        throw damaged("a dictionary key that is neither text nor number");
      }
      map.put(pairs.get(i), pairs.get(i + 1));
    }
  }

  private List<Object> sinceMark() {
    ArrayDeque<Object> values = new ArrayDeque<>();
    for (Object value = pop(); value != Sign.MARK; value = pop()) {
      values.addFirst(value);
    }
    return List.copyOf(values);
  }

  private List<Object> last(int count) {
    ArrayDeque<Object> values = new ArrayDeque<>();
    for (int i = 0; i < count; i++) {
      values.addFirst(pop());
    }
    return List.copyOf(values);
  }

  private Object pop() {
    if (stack.isEmpty()) {
      throw damaged("an empty stack");
    }
    return stack.pop();
  }

  private Object top() {
    if (stack.isEmpty()) {
      throw damaged("an empty stack");
    }
    return stack.element();
  }

  private Object remembered(int index) {
    Object value = memo.get(index);
    if (value == null) {
      throw damaged("a memory cell that was never filled");
    }
    return value;
  }

  private String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw damaged("a name that is no text");
  }

  private String characters(long length) {
    if (length > MAX_TEXT || length > in.remaining()) {
      throw damaged("a text of " + length + " bytes");
    }
    ByteBuffer bytes = in.slice(in.position(), (int) length);
    in.position(in.position() + (int) length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw damaged("a text that is not UTF-8");
    }
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (int c = Byte.toUnsignedInt(in.get()); c != '\n'; c = Byte.toUnsignedInt(in.get())) {
      if (line.length() > 1000) {
        throw damaged("a name without an end");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private long longOf(int bytes) {
    if (bytes > Long.BYTES) {
      throw damaged("a number of " + bytes + " bytes");
    }
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= Byte.toUnsignedLong(in.get()) << (8 * i);
    }
    int unused = Long.SIZE - 8 * bytes;
    return bytes == 0 ? 0 : value << unused >> unused;
  }

  private BadInputException damaged(String what) {
    return BadInputException.in(
        file, "has a damaged pickle: byte %d is %s".formatted(in.position(), what));
  }
}
