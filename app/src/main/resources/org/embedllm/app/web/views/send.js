// Sends the prompt through the gateway, and shows the answer as it comes.
import { el } from '../lib/dom.js';
import { fmt, legible } from '../lib/format.js';

export class Send {
  #context;
  #stop = null;

  /** @param request gives `{prompt, policy}` */
  constructor(context, request) {
    this.#context = context;
    this.button = el('button', { type: 'button', class: 'primary', on: { click: () => this.#send(request()) } }, 'Send');
    this.head = el('p', { class: 'lead', role: 'status' });
    this.text = el('p', { class: 'answer', dir: 'auto', tabindex: '0', 'aria-label': 'Answer' });
    this.node = el('section', { class: 'card', 'aria-label': 'The answer', hidden: true }, this.head, this.text);
  }

  stop() {
    this.#stop?.abort();
  }

  async #send({ prompt, policy }) {
    if (prompt.trim() === '') return;
    this.stop();
    const stop = new AbortController();
    this.#stop = stop;
    const start = performance.now();
    this.node.hidden = false;
    this.head.textContent = 'Sent';
    this.text.textContent = '';
    try {
      const body = { model: `auto:${policy}`, stream: true, messages: [{ role: 'user', content: prompt }] };
      await this.#context.api.answer('/v1/chat/completions', body, {
        signal: stop.signal,
        onOpen: (response) => { this.head.textContent = `${legible(response.headers.get('x-embedllm-model') ?? 'A model')} answers`; },
        onEvent: ({ data }) => this.#event(data),
      });
      if (!stop.signal.aborted) this.head.textContent += `, in ${fmt.ms(performance.now() - start)}. The decision is under Live.`;
    } catch (error) {
      if (error.name !== 'AbortError') this.head.textContent = error.message;
    }
  }

  #event(data) {
    if (data === '[DONE]') return;
    const event = JSON.parse(data);
    if (event.error) throw new Error(event.error.message);
    this.text.textContent += event.choices?.[0]?.delta?.content ?? '';
  }
}
