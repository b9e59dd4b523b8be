// The words of a verification code. The same number is the same thing in both languages, so two people who read the code
// to each other in different languages still mean the same picture. Things that can be seen, short, hard to mistake.

import type { Language } from '../i18n/translate.ts';

const ENGLISH = (
  'apple anchor ant arrow avocado badge bag ball balloon bamboo banana banjo barn basket bat beach bean ' +
  'bear bed bee bell bench bicycle bird blanket boat book boot bottle bowl box bread brick bridge broom ' +
  'brush bucket bus butter button cabbage cactus cake calendar camel camera candle candy canoe car carpet ' +
  'carrot castle cat cave chair cheese cherry chess chicken chimney chocolate church circle clock cloud ' +
  'clover coat coconut coffee coin comb compass cookie coral corn cow crab crayon crown cup curtain cushion ' +
  'desert desk diamond dice dinosaur doctor dog doll dolphin donkey door dragon dress drum duck eagle ' +
  'earring egg elephant elevator engine envelope eye fan farm feather fence fern finger fire firefly fish ' +
  'flag flashlight flower flute forest fork fountain fox frog garden garlic gate ghost giraffe glass globe ' +
  'glove glue goat goose grape grass guitar hammer hand harbor harp hat hedgehog helmet hill honey hook ' +
  'horse hospital house ice igloo ink iron island ivy jacket jam jellyfish jewel juice kangaroo kettle key ' +
  'king kite kitten kiwi knife knot ladder lake lamp leaf lemon lettuce library lighthouse lightning lion ' +
  'lobster lock lotus magnet mango map mask medal melon milk mirror monkey moon mountain mouse mushroom ' +
  'nail necklace needle nest net newspaper noodle nurse oar ocean octopus olive onion orange orchid ostrich ' +
  'oven owl paint palace panda papaya paper parrot peach peacock peanut pear pearl pen pencil penguin ' +
  'pepper piano pig pillow pineapple pirate pizza plane planet plate pocket ' +
  'pumpkin puzzle queen rabbit radio rain rainbow ring river robot rocket roof rope rose sail sandwich'
).split(' ');

const CHINESE = (
  '蘋果 船錨 螞蟻 箭 酪梨 徽章 袋子 球 氣球 竹子 香蕉 班卓琴 穀倉 籃子 蝙蝠 海灘 豆子 熊 ' +
  '床 蜜蜂 鈴鐺 長椅 腳踏車 鳥 毯子 小船 書 靴子 瓶子 碗 箱子 麵包 磚頭 橋 掃把 刷子 水桶 ' +
  '公車 奶油 鈕扣 高麗菜 仙人掌 蛋糕 月曆 駱駝 相機 蠟燭 糖果 獨木舟 汽車 地毯 紅蘿蔔 城堡 ' +
  '貓 洞穴 椅子 起司 櫻桃 西洋棋 雞 煙囪 巧克力 教堂 圓圈 時鐘 雲 幸運草 大衣 椰子 咖啡 ' +
  '硬幣 梳子 指南針 餅乾 珊瑚 玉米 乳牛 螃蟹 蠟筆 王冠 杯子 窗簾 靠墊 沙漠 書桌 鑽石 骰子 ' +
  '恐龍 醫生 狗 洋娃娃 海豚 驢子 門 龍 洋裝 鼓 鴨子 老鷹 耳環 蛋 大象 電梯 引擎 信封 眼睛 ' +
  '電風扇 農場 羽毛 籬笆 蕨類 手指 火 螢火蟲 魚 旗子 手電筒 花 長笛 森林 叉子 噴泉 狐狸 ' +
  '青蛙 花園 大蒜 大門 幽靈 長頸鹿 玻璃 地球儀 手套 膠水 山羊 鵝 葡萄 草 吉他 鐵鎚 手 港口 ' +
  '豎琴 帽子 刺蝟 安全帽 山丘 蜂蜜 鉤子 馬 醫院 房子 冰 冰屋 墨水 熨斗 島 常春藤 夾克 果醬 ' +
  '水母 寶石 果汁 袋鼠 水壺 鑰匙 國王 風箏 小貓 奇異果 刀子 繩結 梯子 湖 檯燈 葉子 檸檬 ' +
  '萵苣 圖書館 燈塔 閃電 獅子 龍蝦 鎖 蓮花 磁鐵 芒果 地圖 面具 獎牌 哈密瓜 牛奶 鏡子 猴子 ' +
  '月亮 山 老鼠 香菇 釘子 項鍊 針 鳥巢 網子 報紙 麵條 護士 船槳 海洋 章魚 橄欖 洋蔥 橘子 ' +
  '蘭花 鴕鳥 烤箱 貓頭鷹 油漆 宮殿 熊貓 木瓜 紙 鸚鵡 桃子 孔雀 花生 梨子 珍珠 原子筆 鉛筆 ' +
  '企鵝 胡椒 鋼琴 豬 枕頭 鳳梨 海盜 披薩 飛機 行星 盤子 口袋 ' +
  '南瓜 拼圖 女王 兔子 收音機 雨 彩虹 戒指 河 機器人 火箭 屋頂 繩子 玫瑰 船帆 三明治'
).split(' ');

export const VERIFICATION_WORDS: Record<Language, readonly string[]> = { en: ENGLISH, 'zh-TW': CHINESE };

export function wordsOf(code: readonly number[], language: Language): string[] {
  return code.map((number) => VERIFICATION_WORDS[language][number] ?? '');
}
