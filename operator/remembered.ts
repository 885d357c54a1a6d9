/**
 * `make` with a memory: the same part of an object of the cache gives what was made of it before. Thousands of them
 * are looked at again and again, and none is ever changed; what is not looked at any more is forgotten.
 */
export function remembered<Made>(make: (source: unknown) => Made): (source: unknown) => Made {
  const known = new WeakMap<object, { readonly made: Made }>();
  return (source) => {
    if (typeof source !== 'object' || source === null) return make(source);
    const before = known.get(source);
    if (before !== undefined) return before.made;
    const made = make(source);
    known.set(source, { made });
    return made;
  };
}
