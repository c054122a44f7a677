package jdk.incubator.vector;

/**
 * Stands for a module that the Java runtime of a Python package comes without: Trino asks it how wide the processor's
 * vectors are, and does without them where they are narrow. The other classes of this package are looked up then, and
 * never used.
 */
public enum VectorShape {
  NARROW;

  public static VectorShape preferredShape() {
    return NARROW;
  }

  public int vectorBitSize() {
    return 64;
  }
}
