package org.embedllm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// The owner, group and permissions of a file or folder, for what replaces it.
///
/// @param of the file that is replaced; empty where there is none, or its file system has none
record KeptMode(Optional<PosixFileAttributes> of) {
  /// Of what is at a place now.
  static KeptMode at(Path place) {
    try {
      return new KeptMode(Optional.of(view(place).readAttributes()));
    } catch (IOException | UnsupportedOperationException e) {
      return new KeptMode(Optional.empty());
    }
  }

  private static PosixFileAttributeView view(Path file) {
    PosixFileAttributeView view =
        Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      throw new UnsupportedOperationException("no POSIX permissions");
    }
    return view;
  }

  /// Leaves a new file to its owner before its content comes: nobody reads it meanwhile who could
  /// not read the old one.
  void begin(Path file) {
    if (of.isPresent()) {
      Set<PosixFilePermission> permissions =
          EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
      if (of.get().isDirectory()) {
        permissions.add(PosixFilePermission.OWNER_EXECUTE);
      }
      permit(file, permissions);
    }
  }

  /// Gives a file all of it, before it replaces the old one. What belonged to another user or group
  /// still does where this process may give files away.
  void end(Path file) {
    if (of.isPresent()) {
      give(file, of.get());
      permit(file, of.get().permissions());
    }
  }

  private static void give(Path file, PosixFileAttributes old) {
    try {
      PosixFileAttributeView view = view(file);
      PosixFileAttributes now = view.readAttributes();
      if (!now.group().equals(old.group())) {
        view.setGroup(old.group());
      }
      if (!now.owner().equals(old.owner())) {
        view.setOwner(old.owner());
      }
    } catch (IOException e) {
      // It is this user's then.
      return;
    }
  }

  private static void permit(Path file, Set<PosixFilePermission> permissions) {
    try {
      PosixFileAttributeView view = view(file);
      if (!view.readAttributes().permissions().equals(permissions)) {
        view.setPermissions(permissions);
      }
    } catch (IOException e) {
      // A file system where all files have the same ones.
      return;
    }
  }
}
