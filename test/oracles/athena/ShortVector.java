package jdk.incubator.vector;

/** See {@link VectorShape}. */
public abstract class ShortVector {
  public static final VectorSpecies<Short> SPECIES_PREFERRED = null;

  private ShortVector() {}
}
