package org.embedllm.storage;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.ProviderMismatchException;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// A real folder behind a file system in which one operation fails: the n-th of a kind, whoever
/// calls it. Everything else goes on to the platform's file system.
public final class FaultyFiles {
  /// What can fail.
  public enum Fault {
    /// A write that stores nothing, as on a broken disk.
    WRITE,
    /// A write that stores the first half of its bytes, and the next one none: the disk is full.
    SHORT_WRITE,
    /// A rename.
    RENAME,
    /// A sync to the disk.
    SYNC
  }

  private final Fault fault;
  private final FileSystem real;
  private final Faulty system = new Faulty();
  private final Provider provider = new Provider();
  private Consumer<Path> renaming = source -> {};
  private OptionalLong free = OptionalLong.empty(); // what the real disk has
  private int left; // operations of the kind until one fails
  private boolean full; // a short write was the last one that went well

  /// @param fault what fails
  /// @param before operations of its kind that go well before
  public FaultyFiles(Path folder, Fault fault, int before) {
    this.fault = fault;
    this.real = folder.getFileSystem();
    this.left = before;
  }

  /// A path of this file system for a real one.
  public Path of(Path path) {
    return new FaultyPath(path);
  }

  /// How many bytes the disk says that it has free.
  public void free(long bytes) {
    free = OptionalLong.of(bytes);
  }

  /// What looks at a real file before it is renamed.
  public void beforeRename(Consumer<Path> look) {
    renaming = look;
  }

  /// Whether the operation that fails has been reached.
  public boolean failed() {
    return left < 0 || full;
  }

  private boolean isDue(Fault kind) {
    return fault == kind && left-- == 0;
  }

  private int write(ByteBuffer bytes, Writing writing) throws IOException {
    if (full) {
      throw new IOException("No space left on device");
    }
    if (isDue(Fault.WRITE)) {
      throw new IOException("Input/output error");
    }
    if (bytes.hasRemaining() && isDue(Fault.SHORT_WRITE)) {
      full = true;
      ByteBuffer half = bytes.slice(bytes.position(), bytes.remaining() / 2);
      int written = writing.write(half);
      bytes.position(bytes.position() + written);
      return written;
    }
    return writing.write(bytes);
  }

  private void sync() throws IOException {
    if (isDue(Fault.SYNC)) {
      throw new IOException("Input/output error");
    }
  }

  private static Path plain(Path path) {
    if (path instanceof FaultyPath faulty) {
      return faulty.path;
    }
    throw new ProviderMismatchException();
  }

  @FunctionalInterface
  private interface Writing {
    int write(ByteBuffer bytes) throws IOException;
  }

  /// A path whose operations go through this file system.
  private final class FaultyPath implements Path {
    private final Path path;

    FaultyPath(Path path) {
      this.path = path;
    }

    private @Nullable Path wrapped(@Nullable Path other) {
      return other == null ? null : new FaultyPath(other);
    }

    private Path inside(Path other) {
      return other instanceof FaultyPath faulty ? faulty.path : other;
    }

    @Override
    public FileSystem getFileSystem() {
      return system;
    }

    @Override
    public boolean isAbsolute() {
      return path.isAbsolute();
    }

    @Override
    public @Nullable Path getRoot() {
      return wrapped(path.getRoot());
    }

    @Override
    public @Nullable Path getFileName() {
      return wrapped(path.getFileName());
    }

    @Override
    public @Nullable Path getParent() {
      return wrapped(path.getParent());
    }

    @Override
    public int getNameCount() {
      return path.getNameCount();
    }

    @Override
    public Path getName(int index) {
      return new FaultyPath(path.getName(index));
    }

    @Override
    public Path subpath(int begin, int end) {
      return new FaultyPath(path.subpath(begin, end));
    }

    @Override
    public boolean startsWith(Path other) {
      return path.startsWith(inside(other));
    }

    @Override
    public boolean endsWith(Path other) {
      return path.endsWith(inside(other));
    }

    @Override
    public Path normalize() {
      return new FaultyPath(path.normalize());
    }

    @Override
    public Path resolve(Path other) {
      return new FaultyPath(path.resolve(inside(other)));
    }

    @Override
    public Path relativize(Path other) {
      return new FaultyPath(path.relativize(inside(other)));
    }

    @Override
    public URI toUri() {
      return path.toUri();
    }

    @Override
    public Path toAbsolutePath() {
      return new FaultyPath(path.toAbsolutePath());
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
      return new FaultyPath(path.toRealPath(options));
    }

    @Override
    public WatchKey register(
        WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers)
        throws IOException {
      return path.register(watcher, events, modifiers);
    }

    @Override
    public int compareTo(Path other) {
      return path.compareTo(inside(other));
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof FaultyPath faulty && faulty.path.equals(path);
    }

    @Override
    public int hashCode() {
      return path.hashCode();
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }

  private final class Faulty extends FileSystem {
    @Override
    public FileSystemProvider provider() {
      return provider;
    }

    @Override
    public void close() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public String getSeparator() {
      return real.getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
      return StreamSupport.stream(real.getRootDirectories().spliterator(), false)
          .<Path>map(FaultyPath::new)
          .toList();
    }

    @Override
    public Iterable<FileStore> getFileStores() {
      return real.getFileStores();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
      return real.supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
      return new FaultyPath(real.getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
      PathMatcher matcher = real.getPathMatcher(pattern);
      return path -> matcher.matches(plain(path));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
      return real.getUserPrincipalLookupService();
    }

    @Override
    public WatchService newWatchService() throws IOException {
      return real.newWatchService();
    }
  }

  private final class Provider extends FileSystemProvider {
    private FileSystemProvider to() {
      return real.provider();
    }

    @Override
    public String getScheme() {
      return "faulty";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
      return system;
    }

    @Override
    public Path getPath(URI uri) {
      return new FaultyPath(to().getPath(uri));
    }

    @Override
    public SeekableByteChannel newByteChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      return newFileChannel(path, options, attributes);
    }

    @Override
    public FileChannel newFileChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      Set<OpenOption> all = new HashSet<>(options);
      if (all.isEmpty()) {
        all.add(StandardOpenOption.READ);
      }
      return new Channel(to().newFileChannel(plain(path), all, attributes));
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
        Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
      DirectoryStream<Path> entries =
          to().newDirectoryStream(plain(folder), entry -> filter.accept(new FaultyPath(entry)));
      return new DirectoryStream<>() {
        @Override
        public Iterator<Path> iterator() {
          return StreamSupport.stream(entries.spliterator(), false)
              .<Path>map(FaultyPath::new)
              .iterator();
        }

        @Override
        public void close() throws IOException {
          entries.close();
        }
      };
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
      to().createDirectory(plain(folder), attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
      to().delete(plain(path));
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
      to().copy(plain(source), plain(target), options);
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
      if (isDue(Fault.RENAME)) {
        throw new FileSystemException(
            source.toString(), target.toString(), "Operation not permitted");
      }
      renaming.accept(plain(source));
      to().move(plain(source), plain(target), options);
    }

    @Override
    public Path readSymbolicLink(Path link) throws IOException {
      return new FaultyPath(to().readSymbolicLink(plain(link)));
    }

    @Override
    public boolean isSameFile(Path one, Path other) throws IOException {
      return to().isSameFile(plain(one), plain(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
      return to().isHidden(plain(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
      FileStore store = to().getFileStore(plain(path));
      return free.isPresent() ? new Store(store, free.getAsLong()) : store;
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
      to().checkAccess(plain(path), modes);
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
        Path path, Class<V> type, LinkOption... options) {
      return to().getFileAttributeView(plain(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
        Path path, Class<A> type, LinkOption... options) throws IOException {
      return to().readAttributes(plain(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
        throws IOException {
      return to().readAttributes(plain(path), names, options);
    }

    @Override
    public void setAttribute(Path path, String name, Object value, LinkOption... options)
        throws IOException {
      to().setAttribute(plain(path), name, value, options);
    }
  }

  /// A disk with other free space.
  private static final class Store extends FileStore {
    private final FileStore to;
    private final long free; // bytes

    Store(FileStore to, long free) {
      this.to = to;
      this.free = free;
    }

    @Override
    public String name() {
      return to.name();
    }

    @Override
    public String type() {
      return to.type();
    }

    @Override
    public boolean isReadOnly() {
      return to.isReadOnly();
    }

    @Override
    public long getTotalSpace() throws IOException {
      return to.getTotalSpace();
    }

    @Override
    public long getUsableSpace() {
      return free;
    }

    @Override
    public long getUnallocatedSpace() {
      return free;
    }

    @Override
    public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
      return to.supportsFileAttributeView(type);
    }

    @Override
    public boolean supportsFileAttributeView(String name) {
      return to.supportsFileAttributeView(name);
    }

    @Override
    public <V extends FileStoreAttributeView> @Nullable V getFileStoreAttributeView(Class<V> type) {
      return to.getFileStoreAttributeView(type);
    }

    @Override
    public @Nullable Object getAttribute(String attribute) throws IOException {
      return to.getAttribute(attribute);
    }
  }

  /// A channel whose writes and syncs may fail.
  private final class Channel extends FileChannel {
    private final FileChannel to;

    Channel(FileChannel to) {
      this.to = to;
    }

    @Override
    public int read(ByteBuffer bytes) throws IOException {
      return to.read(bytes);
    }

    @Override
    public long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
      return to.read(buffers, offset, length);
    }

    @Override
    public int read(ByteBuffer bytes, long position) throws IOException {
      return to.read(bytes, position);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      return FaultyFiles.this.write(bytes, to::write);
    }

    @Override
    public long write(ByteBuffer[] buffers, int offset, int length) throws IOException {
      long written = 0;
      for (int i = offset; i < offset + length; i++) {
        written += write(buffers[i]);
      }
      return written;
    }

    @Override
    public int write(ByteBuffer bytes, long position) throws IOException {
      return FaultyFiles.this.write(bytes, some -> to.write(some, position));
    }

    @Override
    public long position() throws IOException {
      return to.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      to.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return to.size();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      to.truncate(size);
      return this;
    }

    @Override
    public void force(boolean metadata) throws IOException {
      sync();
      to.force(metadata);
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
        throws IOException {
      return to.transferTo(position, count, target);
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count)
        throws IOException {
      return to.transferFrom(source, position, count);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
      return to.map(mode, position, size);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
      return to.lock(position, size, shared);
    }

    @Override
    public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return to.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      to.close();
    }
  }
}
