// beeline chat, ping and pipe in Traditional Chinese.
#include "apps/beeline/room/words.h"

namespace beeline::cli {

const RoomWords& room_words_zh_tw();

namespace {

constexpr RoomWords kTraditionalChinese{
    .nameless = "某人（{}）",
    .entered_alone = "你已進入房間，目前還沒有別人。給對方的連結：\n  {}",
    .entered = "你已進入房間。在場：{}",
    .joined = "{} 加入了",
    .left = "{} 離開了",
    .lost = "{} 沒有再回來",
    .away = "{} 和伺服器的連線中斷",
    .back = "{} 回來了",
    .renamed = "{} 改名為 {}",
    .separator = "、",
    .help = "/who 列出所有人和各自的路徑，/quit 離開",
    .nobody_heard = "沒有送出：這裡沒有別人",
    .not_acknowledged = "有 {} 行沒有得到 {} 的收訊確認",
    .too_long = "沒有送出：一則訊息最多 16384 位元組",
    .looking = "尋找路徑中",
    .direct = "直接",
    .relayed = "中繼",
    .broken = "路徑中斷，尋找另一條中",
    .failed = "無路徑：直接檢查失敗，也沒有可用的中繼（可用 beeline doctor 檢查伺服器）",
    .failed_identity = "已中止：對方憑證與宣告不符",
    .over_tcp = "（TCP）",
    .reconnecting = "連不到伺服器（{}）；已建立的連線照常，並持續重試",
    .again = "伺服器恢復連線",
    .unreachable = "連不到伺服器：{}",
    .why = {{"查不到這個名稱的位址", "那裡沒有伺服器在聽", "沒有回應", "憑證不受信任",
             "它回答 {}，而不是信令", "連線中斷", "伺服器關閉了連線"}},
    .try_server = "可試：用 beeline doctor 檢查這台伺服器",
    .try_certificate =
        "可試：若是自己的伺服器，加上 --authority FILE，指定其資料目錄裡的 authority.pem",
    .room_locked = "主持人已鎖定這個房間\n可試：請對方開放後再試一次",
    .room_full = "房間已滿\n可試：等有人離開後再試",
    .server_full = "伺服器目前不再收人\n可試：稍後再試",
    .password_needed =
        "這個房間有密碼\n可試：向邀請你的人索取，寫進檔案，再加上 --password-file FILE",
    .password_wrong = "這不是這個房間的密碼\n可試：檢查 --password-file 的內容",
    .too_many_tries = "你的網路輸入錯誤密碼太多次\n可試：等一分鐘再試",
    .name_invalid = "伺服器不接受這個名字\n可試：--name，最多 64 個字",
    .removed = "主持人已將你移出房間",
    .replaced = "這個成員身分已在別處接手",
    .room_closed = "主持人已關閉房間",
    .other_end = "伺服器結束了連線：{} {}",
    .waiting = "目前還沒有別人，等待中\n  {}",
    .no_answer = "{}：沒有回應",
    .counted = "{}：送出 {}，回應 {}，來回時間 {:.1f} / {:.1f} / {:.1f} ms（最短、中位、最長）",
    .counted_none = "{}：送出 {}，沒有任何回應",
    .pipe_waiting = "等待另一端。請在那邊執行：\n  beeline pipe {}",
    .pipe_open = "已連上 {}：{}",
    .pipe_taken =
        "這條管道的兩端都已經有人\n可試：換一個房間（beeline pipe --server URL 會建立新的）",
    .pipe_gone = "資料還沒全部送達，另一端就離開了（送出的資料中已確認 {}）",
    .pipe_anew = "資料還沒全部送達，連線就斷了（送出的資料中已確認 {}）",
    .pipe_stopped = "另一端已停止：那邊的輸出沒有人讀",
    .output_closed = "輸出沒有人讀",
    .pipe_progress = "已送 {}，已收 {}，每秒 {}",
    .pipe_done = "完成：送出 {}，收到 {}",
};

}  // namespace

const RoomWords& room_words_zh_tw() {
  return kTraditionalChinese;
}

}  // namespace beeline::cli
