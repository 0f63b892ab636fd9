// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The peers' side of benchmarks/tokenizer.py: the npm packages tiktoken and
// tokenizers, answering as tokenizer_bench does.
//
//   node tokenizers.mjs tiktoken|tokenizers MODULES VOCABULARY TEXT_FILE
//
// MODULES: the folder that `npm install tiktoken tokenizers` has made;
// VOCABULARY: a folder with GPT-2's vocab.json and merges.txt.
// "encode" is answered with "SECONDS TOKENS CHECKSUM", the text as one
// document; "lines" takes each line as a document of its own.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';

const [, , peer, modules, vocabulary, file] = process.argv;
const require = createRequire(path.resolve(modules, 'x.js'));
const text = fs.readFileSync(file, 'utf8');
const lines = text.split(/(?<=\n)/);
const kPattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

// The byte that each letter of vocab.json stands for.
function bytesOfLetters() {
  const bytes = new Map();
  let next = 0x100;
  for (let byte = 0; byte < 256; ++byte) {
    const itself = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    bytes.set(String.fromCodePoint(itself ? byte : next++), byte);
  }
  return bytes;
}

// The ids of a token's two halves do not matter to tiktoken: it merges what
// gives the smallest id, so ids have to be in the order of the merges.
function tiktoken() {
  const { Tiktoken } = require('tiktoken');
  const bytes = bytesOfLetters();
  const ids = JSON.parse(fs.readFileSync(path.join(vocabulary, 'vocab.json'), 'utf8'));
  delete ids['<|endoftext|>'];
  const tokens = [];
  for (const [token, id] of Object.entries(ids))
    tokens[id] = Buffer.from([...token].map((letter) => bytes.get(letter))).toString('base64');
  const encoder = new Tiktoken('! 0 ' + tokens.join(' '), {}, kPattern);
  return async (documents) => documents.map((document) => encoder.encode_ordinary(document));
}

async function tokenizers() {
  const { BPE, Tokenizer, byteLevelPreTokenizer } = require('tokenizers');
  const name = (part) => path.join(vocabulary, part);
  const tokenizer = new Tokenizer(await BPE.fromFile(name('vocab.json'), name('merges.txt')));
  tokenizer.setPreTokenizer(byteLevelPreTokenizer(false, true));
  return async (documents) => {
    const encodings = await tokenizer.encodeBatch(documents, { addSpecialTokens: false });
    return encodings.map((encoding) => encoding.getIds());
  };
}

const encode = await { tiktoken, tokenizers }[peer]();
console.log('ready');
for await (const command of readline.createInterface({ input: process.stdin })) {
  const start = process.hrtime.bigint();
  const all = await encode(command === 'lines' ? lines : [text]);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  let tokens = 0;
  let checksum = 0;
  for (const ids of all) {
    tokens += ids.length;
    for (const id of ids) checksum = (Math.imul(checksum, 31) + id) >>> 0;
  }
  console.log(`${seconds} ${tokens} ${checksum}`);
}
