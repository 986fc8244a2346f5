package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ElfTest {
  private static final String LOADER = "/lib64/ld.so";

  @Test
  void aProgramNamesItsLoaderAndLibraries() {
    Elf elf = Elf.parse(program());

    assertThat(elf.interpreter()).contains(LOADER);
    assertThat(elf.needed()).containsExactly("libz.so.1", "libc.so.6");
  }

  @Test
  void aStaticProgramNeedsNothing() {
    ByteBuffer program = program();
    program.putShort(56, (short) 1); // PT_LOAD alone

    Elf elf = Elf.parse(program);

    assertThat(elf.interpreter()).isEmpty();
    assertThat(elf.needed()).isEmpty();
  }

  @Test
  void aScriptIsNoProgram() {
    assertThatThrownBy(() -> Elf.parse(ByteBuffer.wrap(bytes("#!/bin/sh\n"))))
        .isInstanceOf(LabException.class)
        .hasMessage("it is no ELF file of 64 bits and little endian");
  }

  @Test
  void aProgramThatIsCutOffIsDamaged() {
    assertThatThrownBy(() -> Elf.parse(program().limit(300)))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("it is damaged: its 300 bytes");
  }

  @Test
  void stringsOutsideOfWhatIsLoadedAreAnError() {
    ByteBuffer program = program();
    program.putLong(64 + 32, 8); // p_filesz of PT_LOAD

    assertThatThrownBy(() -> Elf.parse(program))
        .isInstanceOf(LabException.class)
        .hasMessage("its strings are in no segment that is loaded");
  }

  /** A header, three program headers, the loader's name, the dynamic section, strings. */
  private static ByteBuffer program() {
    ByteBuffer file = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    file.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1});
    file.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 3);
    segment(file, 0, 1, 0, 0x400000, 512);
    segment(file, 1, 3, 240, 0x4000f0, LOADER.length() + 1);
    segment(file, 2, 2, 256, 0x400100, 64);
    file.put(240, bytes(LOADER));
    long[] dynamic = {1, 1, 5, 0x400180, 1, 11, 0, 0};
    for (int i = 0; i < dynamic.length; i++) {
      file.putLong(256 + 8 * i, dynamic[i]);
    }
    file.put(0x180, bytes("\0libz.so.1\0libc.so.6\0"));
    return file;
  }

  private static void segment(
      ByteBuffer file, int index, int type, long offset, long address, long size) {
    int at = 64 + 56 * index;
    file.putInt(at, type).putLong(at + 8, offset).putLong(at + 16, address).putLong(at + 32, size);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
