package jdk.incubator.vector;

/** See {@link VectorShape}. */
public abstract class ByteVector {
  public static final VectorSpecies<Byte> SPECIES_PREFERRED = null;

  private ByteVector() {}
}
