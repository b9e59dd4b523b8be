// beeline nat in Traditional Chinese.
#include "apps/beeline/nat/words.h"

namespace beeline::cli {

namespace {

constexpr NatWords kTraditionalChinese{
    .tag = "zh-TW",
    .kind = {{"沒有 NAT：直接連上網際網路", "沒有 NAT，但有防火牆", "完全圓錐型 NAT（full cone）",
              "位址限制圓錐型 NAT（address-restricted cone）",
              "連接埠限制圓錐型 NAT（port-restricted cone）", "對稱型 NAT（symmetric）", "UDP 被擋",
              "資料不足，無法判定"}},
    .sentence = {{"任何人都能直接連到你。",
                  "回覆進得來，陌生人進不來；通話可以像穿越 NAT 一樣穿過它。",
                  "連接埠一打開，誰都進得來：每通電話都找得到直接路徑。",
                  "你聯絡過的位址，從任何連接埠都進得來。",
                  "只有你聯絡過的位址和連接埠進得來，其他都不行。",
                  "每個對象看到的都是你不同的連接埠，別人無法事先知道該敲哪一個。",
                  "這個網路會丟棄 UDP；同一台伺服器用 TCP 連得到。",
                  "下面列出已測得的項目，以及其餘項目無法測得的原因。"}},
    .advice =
        {{"不必調整，這已是最好的情況。", "不必調整。若通話仍連不上，請讓 UDP 進到這台電腦。",
          "不必調整，NAT 最好也就是這樣。",
          "不必調整。在路由器開啟 UPnP 或轉送一個 UDP 連接埠，就會變成完全圓錐型。",
          "通常不必調整。若想直接連到對稱型 NAT 後面的人，請在路由器開啟 UPnP（或 NAT-PMP），"
          "或轉送一個 UDP 連接埠。",
          "在路由器找「Full Cone NAT」、「Endpoint-Independent NAT」或「開放型 NAT」的選項，"
          "或開啟 UPnP。Linux 路由器若在 masquerade 後面寫了 random 或 fully-random，拿掉即可。"
          "若是電信業者讓多人共用一個位址（CGNAT），可申請專屬的公用 IPv4 位址，或改用 IPv6。",
          "請網管放行對外的 UDP。在那之前，通話會經 TCP 或 TLS 的 TURN 中繼，最好用 443 埠。",
          "請改問有兩個位址的伺服器，例如：beeline serve --nat-test-address。"}},
    .short_kind = {{"無 NAT", "防火牆", "完全圓錐型", "位址限制型", "連接埠限制型", "對稱型",
                    "UDP 被擋", "未知"}},
    .outcome = {{"", "{} 這個名稱查不到位址。", "這台電腦沒有能連到 {} 的位址。", "",
                 "{} 沒有任何回應，UDP 和 TCP 都一樣。"}},
    .remedy = {{"", "檢查名稱有沒有打錯，或直接給伺服器的位址",
                "ip address；或用 --family 改試另一種位址", "",
                "換一台伺服器：這台可能沒開機、不會講 STUN，或這個網路連不到它"}},
    .mapping = {{"與對象無關（endpoint-independent）：不管跟誰通訊，對外都是同一個連接埠",
                 "依位址而定（address-dependent）：每個位址各用一個對外連接埠",
                 "依位址和連接埠而定（address and port-dependent）：每個對象都換一個對外連接埠"}},
    .filtering = {{"與對象無關（endpoint-independent）：連接埠開著，誰都放行",
                   "依位址而定（address-dependent）：只放行你送過封包的位址",
                   "依位址和連接埠而定（address and "
                   "port-dependent）：只放行你送過封包的那個位址和連接埠"}},
    .ports = {{"維持原號：對外和對內相同", "依序遞增，別人猜得到", "隨機"}},
    .doubt = {{"", "沒有測", "不明：伺服器只有一個位址", "不明：伺服器的另一個位址沒有回應",
               "不明：伺服器拒絕從別處回答", "不明：不管怎麼問，伺服器都從同一個位址回答",
               "不明：各次回答互相矛盾", "不明：收到的回答太少", "不適用：沒有 NAT",
               "不明：這個 NAT 維持連接埠不變，而伺服器不往別的連接埠回答"}},
    .step = {{"查詢伺服器位址", "等待第一個回答", "多開幾個連接埠", "測試誰進得來",
              "UDP 沒有回應，改試 TCP", "等待對應過期"}},
    .asked = "詢問",
    .mapping_line = "對應 mapping",
    .filtering_line = "過濾 filtering",
    .ports_line = "連接埠 ports",
    .hairpin_line = "迴轉 hairpin",
    .lifetime_line = "存活 lifetime",
    .directly_line = "可直接連到",
    .relayed_line = "須經中繼",
    .advice_line = "該怎麼做",
    .this_machine = "這台電腦",
    .router = "路由器",
    .no_router = "沒有轉換",
    .whom_you_called = "你送過封包的對象",
    .its_other_ports = "它的其他連接埠",
    .everybody_else = "其他人",
    .nobody = "沒有",
    .hairpin_yes = "有：同一個 NAT 後面的兩人可用對外位址互連",
    .hairpin_shows_inside = "有，但來源顯示為內部位址，有些程式會因此弄錯",
    .hairpin_no = "沒有：同一個 NAT 後面的兩人得用內部位址，或經中繼",
    .port_step = "（每次加 {}）",
    .several_addresses = "；這個 NAT 有好幾個對外位址",
    .lifetime_between = "閒置的對應可存活 {} 到 {} 秒",
    .lifetime_below = "閒置的對應活不到 {} 秒，非常短",
    .lifetime_above = "閒置的對應至少存活 {} 秒",
    .lifetime_not_asked = "沒有測：加上 --lifetime 才測，最多 {} 分鐘",
    .may_take = "最多 {} 秒",
    .separator = "、",
};

}  // namespace

const NatWords& traditional_chinese() {
  return kTraditionalChinese;
}

const NatWords& nat_words(Language language) {
  return language == Language::kTraditionalChinese ? traditional_chinese() : english();
}

}  // namespace beeline::cli
