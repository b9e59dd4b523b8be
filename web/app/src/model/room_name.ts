// A room's friendly name, "amber-fox": derived from its id, so both sides see the same two words and nothing is
// stored. It names the room to people; only the id opens it.

const COLOURS = (
  'amber ashen azure birch blue brass brave bright bronze calm cedar clear clever cloud cobalt copper coral crisp ' +
  'dusky early ember fern flint fresh gentle ginger golden green hazel honey indigo ivory jade keen kind lemon ' +
  'lilac lively lucky lunar maple mellow mint misty mossy noble ochre olive opal pearl plum quick quiet rapid ' +
  'river ruby sable saffron sandy silver'
).split(' ');

const ANIMALS = (
  'badger bat bear beaver bee bison boar cat crane crow deer dingo dolphin dove duck eagle egret elk falcon ferret ' +
  'finch fox frog gecko goose hare hawk heron horse ibex ibis jay koala lark lemur lion lynx magpie marten mole ' +
  'moose moth newt otter owl panda parrot pika puffin quail rabbit raven robin seal shrew sparrow squid stoat swan ' +
  'swift tern tiger toad turtle'
).split(' ');

/** FNV-1a, so that the words tell nothing about the id's letters. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) {
    value ^= character.codePointAt(0) ?? 0;
    value = Math.imul(value, 0x01000193) >>> 0;
  }
  return value;
}

export function roomName(id: string): string {
  const value = hash(id);
  const colour = COLOURS[value % COLOURS.length] ?? '';
  const animal = ANIMALS[(value >>> 12) % ANIMALS.length] ?? '';
  return `${colour}-${animal}`;
}
