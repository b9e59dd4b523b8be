// The router before one side, drawn: what is inside, what the world sees, and how the one becomes the other, as far as a
// browser can know.

import type { JSX } from 'preact';
import type { NatView } from '../../../sdk/src/index.ts';
import { useTranslate } from '../model/language.ts';

export function NatCard({ title, nat }: { title: string; nat: NatView }): JSX.Element {
  const say = useTranslate();
  const inside = nat.hidden && nat.inside.length === 0 ? [say('hidden_address')] : nat.inside;
  return (
    <article class="nat" data-router={nat.router} data-mapping={nat.mapping}>
      <h4 dir="auto">{title}</h4>
      <div class="nat-drawing">
        <span class="nat-end">
          {inside.map((address) => (
            <span key={address} class="address">
              {address}
            </span>
          ))}
          {inside.length === 0 && <span class="hint">{say('nat_nothing_inside')}</span>}
        </span>
        <span class={`nat-box nat-${nat.router}`}>{say(`nat_router_${nat.router}`)}</span>
        <span class="nat-end">
          {nat.outside.slice(0, 4).map((address) => (
            <span key={address} class="address">
              {address}
            </span>
          ))}
          {nat.outside.length === 0 && <span class="hint">{say('nat_nothing_outside')}</span>}
        </span>
      </div>
      <dl class="nat-facts">
        <dt>{say('nat_mapping')}</dt>
        <dd>{say(`nat_mapping_${nat.mapping}`)}</dd>
        <dt>{say('nat_filtering')}</dt>
        <dd>{say(`nat_filtering_${nat.filtering}`)}</dd>
      </dl>
    </article>
  );
}
